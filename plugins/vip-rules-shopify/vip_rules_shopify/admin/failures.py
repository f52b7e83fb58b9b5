"""What a query fails with."""

from __future__ import annotations

from vip_rules.adapter import PlatformFailed


class AdminFailed(PlatformFailed):
    """Shopify couldn't be reached, or said no. `codes` are its own ("ACCESS_DENIED", "MAX_COST_EXCEEDED"), or "HTTP_401"."""

    def __init__(self, message: str, codes: frozenset[str] = frozenset()) -> None:
        self.codes = codes
        super().__init__(message)
