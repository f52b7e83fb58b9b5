"""The mirror: a store's data as the database keeps it, written page by page and read as the history that rules see."""
