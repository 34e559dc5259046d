"""Incidents that people wrote down: files read, checked and given to the services they touched."""
