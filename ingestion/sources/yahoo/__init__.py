"""Yahoo Finance chart endpoint: daily equity bars, keyless and undocumented."""
