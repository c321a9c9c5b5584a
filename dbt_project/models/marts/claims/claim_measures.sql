-- Grain: claim_id, metric, evaluation_date. Every measure taken for a claim. Earlier evaluations stay as they were published; a night that runs
-- again replaces its own date as a whole.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='evaluation_date',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

with evaluated as (
    select * from {{ ref('int_claims_equity') }}
    union all by name
    select * from {{ ref('int_claims_turning') }}
    union all by name
    select * from {{ ref('int_claims_coins') }}
),

not_built as (
    select
        statements.claim_id,
        'none' as metric,
        'not_testable' as verdict,
        'not built yet' as reason,
        cast('{{ var("night") }}' as date) as evaluation_date,
        cast('{{ var("as_of") }}' as timestamptz) as as_of
    from {{ ref('claim_statements') }} as statements
    anti join evaluated on statements.claim_id = evaluated.claim_id
),

together as (
    select * from evaluated
    union all by name
    select * from not_built
)

select
    together.claim_id,
    together.evaluation_date,
    statements.statement,
    together.metric,
    together.value,
    together.ci_low,
    together.ci_high,
    together.p_value,
    together.null_value,
    together.n,
    together.n_eff,
    together.verdict,
    together.reason,
    together.as_of,
    together.method,
    together.params_hash,
    together.family_tests
from together
inner join {{ ref('claim_statements') }} as statements on together.claim_id = statements.claim_id
