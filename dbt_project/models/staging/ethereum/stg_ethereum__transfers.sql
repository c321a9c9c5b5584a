-- Grain: transaction_hash, log_index.
{{ token_transfers(latest_versions('ethereum_transfers', ['transaction_hash', 'log_index'])) }}
