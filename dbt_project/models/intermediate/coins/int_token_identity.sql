-- Grain: contract. Which coin a contract stands for, and in which days: MATIC ended when it became POL.
{{ config(materialized='view') }}

select
    contract,
    coin_id,
    symbol,
    decimals,
    chain,
    coverage,
    coalesce(valid_from, date '1970-01-01') as valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to,
    note
from {{ ref('tokens') }}
