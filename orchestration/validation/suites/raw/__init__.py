"""Raw: is what the provider delivered believable? Bad rows are set aside, broken deliveries stop."""
