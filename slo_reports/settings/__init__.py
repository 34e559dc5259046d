"""Settings: one YAML file, validated, with every problem named at its line."""
