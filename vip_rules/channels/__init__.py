"""Channels: how messages reach people where the store itself doesn't carry them."""
