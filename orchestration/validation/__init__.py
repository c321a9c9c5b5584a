"""The gates between the layers: one suite per table, evaluated by Great Expectations on what is new. No dagster here."""
