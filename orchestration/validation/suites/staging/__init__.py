"""Staging: types, vocabularies and units are what every model below relies on."""
