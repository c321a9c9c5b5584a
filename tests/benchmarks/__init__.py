"""Measured figures of whole nights; nothing here is a test."""
