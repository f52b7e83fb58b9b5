"""VIP programs as code: JSON programs in, everybody's standing out, with the reason for each."""

__version__ = "0.1.0"
