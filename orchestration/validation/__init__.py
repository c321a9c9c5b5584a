"""The gates between the layers: one suite per table, judged by Great Expectations on what is new. No dagster here."""
