-- Grain: date, ratio_kind, cap_tier. The statistics are computed once, in int_cap_tier_long_bias.
select
    date,
    ratio_kind,
    cap_tier,
    n,
    median_ratio,
    share_above_1,
    ci_low,
    ci_high,
    iqr,
    reason,
    providers,
    params_hash
from {{ ref('int_cap_tier_long_bias') }}
