-- Grain: date, membership, denominator. OTHERS is the summed cap of the coins ranked 11 to 125 that day; stablecoins,
-- wrapped and other followers have no rank. New listings enter that sum with their whole cap, so a twin is chained from
-- the growth of the coins that were in it the day before.
{% set rule = var('others_btc') %}
{% set inside = "between " ~ rule['first_rank'] ~ " and " ~ rule['last_rank'] %}
{% set members = "(" ~ rule['last_rank'] ~ " - " ~ rule['first_rank'] ~ " + 1)" %}
with caps as (
    select
        date,
        coin_id,
        market_cap_usd,
        cap_rank,
        provider
    from {{ ref('int_coin_caps') }}
    where market_cap_usd is not null and cap_rank is not null and date <= cast('{{ var("night") }}' as date)
),

bitcoin as (
    select
        date,
        price_usd,
        market_cap_usd
    from {{ ref('int_coin_caps') }}
    where coin_id = 'bitcoin'
),

days as (
    select
        date,
        lag(date) over (order by date) as previous_date,
        min(provider) as provider
    from caps
    group by date
),

others as (
    select
        date,
        count(*) as n_coins,
        -- In one order: the last digits of a sum depend on it, and the same facts give the same bits.
        sum(market_cap_usd order by coin_id) as others_usd
    from caps
    where cap_rank {{ inside }}
    group by date
),

links as (
    select
        days.date,
        sum(after.market_cap_usd order by after.coin_id)
        / sum(before.market_cap_usd order by before.coin_id) filter (where after.coin_id is not null) as growth,
        count(after.coin_id) / count(*) as link_coverage
    from days
    inner join caps as before on days.previous_date = before.date and before.cap_rank {{ inside }}
    left join caps as after on days.date = after.date and before.coin_id = after.coin_id
    group by days.date
),

together as (
    select
        days.date,
        days.provider,
        others.n_coins,
        others.others_usd,
        links.growth,
        links.link_coverage,
        others.n_coins >= {{ rule['min_members'] }} * {{ members }} as is_whole
    from days
    left join others on days.date = others.date
    left join links on days.date = links.date
),

starts as (
    select
        *,
        -- Without enough coins on both days the chain starts again from that day's sum.
        not coalesce(is_whole and link_coverage >= {{ rule['min_link_coverage'] }}, false) as is_start
    from together
),

segments as (
    select
        *,
        sum(case when is_start then 1 else 0 end) over (order by date) as segment
    from starts
),

chained as (
    select
        *,
        first_value(others_usd) over so_far
        * exp(sum(case when is_start then 0.0 else ln(growth) end) over so_far) as chained_usd
    from segments
    window so_far as (partition by segment order by date)
),

long as (
    {% for membership, value in [('daily_ranks', 'others_usd'), ('chain_linked', 'chained_usd')] -%}
        select
            date,
            '{{ membership }}' as membership,
            case when is_whole then {{ value }} end as others_value_usd,
            n_coins,
            provider,
            case
                when not is_whole then n_coins || ' of ' || {{ members }} || ' coins'
                {% if membership == 'chain_linked' -%}
                    when is_start then 'the chain starts here'
                {% endif -%}
                else ''
            end as reason
        from chained
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

{% for denominator, column in [('btc_price', 'price_usd'), ('btc_cap', 'market_cap_usd')] %}
    select
        long.date,
        long.membership,
        '{{ denominator }}' as denominator,
        long.others_value_usd,
        long.n_coins,
        long.others_value_usd / bitcoin.{{ column }} as ratio,
        long.provider,
        case
            when long.reason = '' and bitcoin.{{ column }} is null then 'no bitcoin that day' else long.reason
        end as reason
    from long
    left join bitcoin on long.date = bitcoin.date
    {% if not loop.last %}union all{% endif %}
{% endfor %}
