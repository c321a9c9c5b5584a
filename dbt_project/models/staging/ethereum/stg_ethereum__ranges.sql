-- Grain: day, leg, contract, from_block, wallet_set. What was asked and answered, so that no transfers differs from not fetched.
{{ asked_ranges(latest_versions('ethereum_ranges', ['day', 'leg', 'contract', 'from_block', 'wallet_set'])) }}
