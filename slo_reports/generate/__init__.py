"""From definitions to what Prometheus loads: recording rules, alerts and their unit tests."""
