-- Grain: claim_id, evaluation_date. The number of the headline measure, and the verdict of all measures that the claim
-- needs: one that fails sinks it, it stands only when all of them do, and is an artefact when nothing but an artefact
-- keeps it from standing. A weighed one is not needed, but sinks it, too. A told one is read with the claim and decides
-- nothing. Earlier nights stay as they were published; a night that runs again replaces its own date as a whole.
{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='evaluation_date',
    on_schema_change='append_new_columns',
    full_refresh=false
) }}

with measures as (
    select
        *,
        -- A claim whose headline was not measured is told by whatever was.
        row_number() over (
            partition by claim_id
            order by case role when 'headline' then 1 when 'required' then 2 else 3 end, metric
        ) as place,
        coalesce(
            role in ('headline', 'required')
            or not bool_or(coalesce(role in ('headline', 'required'), false)) over (partition by claim_id),
            false
        ) as is_needed,
        coalesce(role = 'weighed', false) as is_weighed,
        coalesce(role = 'told', false) as is_told
    from {{ ref('claim_measures') }}
    where evaluation_date = cast('{{ var("night") }}' as date)
),

-- What several measures say in the same words is said once.
worded as (
    select
        *,
        row_number() over (
            partition by claim_id, is_needed, is_weighed, is_told, reason
            order by place
        ) = 1 as is_new
    from measures
),

judged as (
    select
        claim_id,
        count(*) as measures,
        count(*) filter (where is_needed) as parts,
        count(*) filter (where is_needed and verdict = 'supported') as parts_supported,
        case
            when bool_or(verdict = 'not_supported') filter (where is_needed or is_weighed) then 'not_supported'
            when bool_and(verdict = 'supported') filter (where is_needed) then 'supported'
            when bool_and(verdict = 'not_testable') filter (where is_needed) then 'not_testable'
            when bool_and(verdict in ('supported', 'artefact')) filter (where is_needed) then 'artefact'
            else 'inconclusive'
        end as verdict,
        string_agg(reason, '; ' order by place) filter (where is_needed and is_new) as reasons,
        string_agg(reason, '; ' order by place) filter (
            where is_weighed and is_new and reason not like 'no data%'
        ) as weighed,
        string_agg(reason, '; ' order by place) filter (where is_told and is_new and reason not like 'no data%') as told
    from worded
    group by claim_id
),

-- Benjamini and Hochberg over the claims of one evaluation: each brings the p of its headline, Holm's inside its family.
ranked as (
    select
        claim_id,
        p_value,
        row_number() over (order by p_value, claim_id) as place,
        count(*) over () as claims_tested
    from measures
    where place = 1 and p_value is not null
),

across as (
    select
        claim_id,
        claims_tested,
        least(
            min(p_value * claims_tested / place) over (
                order by place desc
                rows between unbounded preceding and current row
            ),
            1.0
        ) as p_across_claims
    from ranked
)

select
    headline.claim_id,
    headline.evaluation_date,
    headline.statement,
    headline.metric,
    headline.value,
    headline.ci_low,
    headline.ci_high,
    headline.p_value,
    headline.null_value,
    headline.n,
    headline.n_eff,
    judged.verdict,
    headline.claim_rule || coalesce('; headline: ' || headline.verdict_rule, '') as verdict_rule,
    case
        when judged.parts = 1 then headline.reason
        when judged.verdict = 'not_testable' then judged.reasons
        else judged.parts_supported || ' of ' || judged.parts || ' parts supported: ' || judged.reasons
    end
    || coalesce('; weighed with it: ' || judged.weighed, '')
    || coalesce('; beside it: ' || judged.told, '') as reason,
    headline.as_of,
    headline.method,
    headline.params_hash,
    headline.family_tests,
    across.p_across_claims,
    across.claims_tested,
    judged.measures
from measures as headline
inner join judged on headline.claim_id = judged.claim_id
left join across on headline.claim_id = across.claim_id
where headline.place = 1
