"""Samples as the source stores them, by its remote read, and what they count."""
