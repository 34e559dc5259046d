"""Destinations: share and mail."""
