"""The record of runs, artifacts and deliveries."""
