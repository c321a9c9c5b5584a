"""FRED: the S&P 500's close as a check of the other providers; keyless."""
