"""Publishing: from audited marts to the file that readers open. No dagster here."""
