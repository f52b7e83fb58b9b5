"""The contract of adapters as tests: what a store tells, what is done in it, and what an adapter answers."""
