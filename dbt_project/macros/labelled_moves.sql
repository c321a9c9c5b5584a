{#
    Every token transfer of the days (a relation with date, first_block, last_block) that touches a labelled address, with
    whose its ends are. What the indexer gave of a transfer that the node gave, too, is the same transfer. A label counts on
    the days on which it is true. Mint, burn and the collateral of pegged tokens are nobody's deposit: is_excluded.
#}
{% macro labelled_moves(days, labels) -%}
    select
        {{ days }}.date,
        transfers.contract,
        transfers.value_raw,
        case when senders.kind = 'exchange' then senders.exchange end as from_exchange,
        case when receivers.kind = 'exchange' then receivers.exchange end as to_exchange,
        coalesce(senders.kind <> 'exchange', false) or coalesce(receivers.kind <> 'exchange', false) as is_excluded,
        senders.known_from as from_known,
        receivers.known_from as to_known
    from (
        select block_number, contract, from_address, to_address, value_raw from {{ ref('stg_ethereum__transfers') }}
        union all
        select block_number, contract, from_address, to_address, value_raw
        from {{ ref('stg_blockscout__transfers') }} as indexed
        anti join (
            select transaction_hash, log_index from {{ ref('stg_ethereum__transfers') }}
            where block_number >= (select min(block_number) from {{ ref('stg_blockscout__transfers') }})
        ) as known
            on indexed.transaction_hash = known.transaction_hash and indexed.log_index = known.log_index
    ) as transfers
    asof inner join {{ days }} on transfers.block_number >= {{ days }}.first_block
    left join {{ labels }} as senders
        on
            transfers.from_address = senders.address
            and {{ days }}.date >= senders.valid_from and {{ days }}.date < senders.valid_to
    left join {{ labels }} as receivers
        on
            transfers.to_address = receivers.address
            and {{ days }}.date >= receivers.valid_from and {{ days }}.date < receivers.valid_to
    where
        transfers.block_number <= {{ days }}.last_block
        and (senders.address is not null or receivers.address is not null)
{%- endmacro %}
