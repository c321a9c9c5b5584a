-- Grain: claim_id, metric, evaluation_date. Every measure taken for a claim. Earlier evaluations stay as they were published, with the
-- rules that judged them; a night that runs again replaces its own date as a whole.
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
    select * from {{ ref('int_claims_drawdowns') }}
    union all by name
    select * from {{ ref('int_claims_coins') }}
    union all by name
    select * from {{ ref('int_claims_patterns') }}
),

statements as (
    select
        claim_id,
        statement,
        rule as claim_rule
    from {{ ref('verdict_rules') }}
    where metric = '*'
),

not_built as (
    select
        statements.claim_id,
        'none' as metric,
        'not_testable' as verdict,
        'not built yet' as reason,
        cast('{{ var("night") }}' as date) as evaluation_date,
        cast('{{ var("as_of") }}' as timestamptz) as as_of
    from statements
    anti join evaluated on statements.claim_id = evaluated.claim_id
),

together as (
    select * from evaluated
    union all by name
    select * from not_built
),

-- The rule that names a measure most closely; the one of the whole claim fits all of them.
ruled as (
    select
        together.*,
        rules.role,
        rules.rule
        || case when rules.direction is null then '' else '; direction: ' || rules.direction end
        || case when rules.parameters is null then '' else '; ' || replace(rules.parameters, ';', ', ') end
        || '; family: ' || rules.family as verdict_rule
    from together
    inner join {{ ref('verdict_rules') }} as rules
        on together.claim_id = rules.claim_id and together.metric glob rules.metric
    qualify row_number() over (
        partition by together.claim_id, together.metric
        order by together.metric = rules.metric desc, length(rules.metric) desc
    ) = 1
)

select
    ruled.claim_id,
    ruled.evaluation_date,
    statements.statement,
    ruled.metric,
    ruled.value,
    ruled.ci_low,
    ruled.ci_high,
    ruled.p_value,
    ruled.null_value,
    ruled.n,
    ruled.n_eff,
    ruled.verdict,
    ruled.verdict_rule,
    ruled.reason,
    ruled.as_of,
    ruled.method,
    ruled.params_hash,
    ruled.family_tests,
    ruled.role,
    statements.claim_rule
from ruled
inner join statements on ruled.claim_id = statements.claim_id
