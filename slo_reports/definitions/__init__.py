"""SLO definitions: files that people write, turned into the model's Slo."""
