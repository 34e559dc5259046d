"""A small shop with a known month, run through the real job."""
