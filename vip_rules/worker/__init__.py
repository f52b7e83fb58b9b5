"""The worker: webhooks become standings and effects, and what has to happen at a time happens, without anybody looking."""
