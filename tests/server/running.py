"""The service for tests, as plugins have it, too."""

from vip_rules.testing.service import Running, running

__all__ = ["Running", "running"]
