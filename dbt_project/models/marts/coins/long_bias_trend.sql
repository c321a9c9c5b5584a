-- Grain: date, ratio_kind. The statistics are computed once, in int_long_bias_trend.
select
    date,
    ratio_kind,
    n,
    spearman_rho,
    spearman_p,
    kendall_tau,
    theil_sen_slope,
    jt_p_value,
    reason,
    params_hash
from {{ ref('int_long_bias_trend') }}
