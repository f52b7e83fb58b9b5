"""The catalogue of metrics: what a rule can look at. Each file is a family, each metric one definition."""
