"""Landing: what the provider said, unchanged and for ever."""
