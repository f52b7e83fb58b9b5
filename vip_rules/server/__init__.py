"""The server: takes webhooks in, answers questions, and keeps the workers going."""
