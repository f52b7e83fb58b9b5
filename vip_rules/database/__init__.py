"""The database: its tables, how it is opened, and how it changes from version to version."""
