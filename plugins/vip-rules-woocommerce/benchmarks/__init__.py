"""What it costs to read a shop. See readings.py."""
