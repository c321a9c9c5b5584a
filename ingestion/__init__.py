"""Fetch, land, parse, load. Nothing here imports dagster, dbt or great_expectations."""
