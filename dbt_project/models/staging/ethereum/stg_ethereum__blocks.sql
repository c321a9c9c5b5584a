-- Grain: day. A day has an end only when the next day's first block is known.
with versions as (
    {{ latest_versions('ethereum_blocks', ['day']) }}
)

select
    day,
    first_block,
    first_block_time,
    case when lead(day) over days = day + 1 then lead(first_block) over days - 1 end as last_block,
    case when lead(day) over days = day + 1 then greatest(_batch_id, lead(_batch_id) over days) else _batch_id end
        as _batch_id,
    _known_at
from versions
window days as (order by day)
