"""Effects: the desired state of the store, as plain data."""
