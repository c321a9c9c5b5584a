-- Grain: session_date. The composite with all its parts, and how it did before: a description, no advice.
select
    components.session_date,
    components.composite,
    components.coverage,
    components.is_event,
    {% for name in var('rotation_signal')['weights'] -%}
        components.{{ name }}_score,
        components.{{ name }}_weight,
    {% endfor -%}
    record.record_events,
    record.record_mean_car,
    record.record_share_positive,
    record.record_base_rate,
    record.record_base_share_positive,
    components.reason,
    components.params_hash
from {{ ref('int_rotation_components') }} as components
left join {{ ref('int_rotation_record') }} as record on components.session_date = record.session_date
