"""Pictures and pages for readers, drawn from the published file alone."""
