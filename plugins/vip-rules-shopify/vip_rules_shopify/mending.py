"""Putting things right in a shop, one by one: what fails doesn't keep the others from being done, and is told at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vip_rules.adapter import PlatformFailed

from vip_rules_shopify.admin.answers import Busy, Done, InDoubt, NotDone
from vip_rules_shopify.admin.client import Admin


class Mending:
    """What is being put right. `is_there` tells of a refusal that what was asked for is there already: no failure."""

    def __init__(self, admin: Admin, is_there: Callable[[NotDone], bool]) -> None:
        self._admin = admin
        self._is_there = is_there
        self._failures: list[str] = []

    def did(self, of: str, name: str, **variables: Any) -> bool:
        """Send a mutation about a thing, and tell whether it was done."""
        match self._admin.mutate(name, **variables):
            case Done():
                return True
            case NotDone() as refusal if self._is_there(refusal):
                return False
            case Busy(seconds, reason):
                self._failures.append(f"{of}: {reason}, try again in {seconds} seconds")
            case NotDone(reason) | InDoubt(reason):
                self._failures.append(f"{of}: {reason}")
        return False

    def finish(self, what: str) -> None:
        """Raises PlatformFailed with all that failed, if anything did."""
        if self._failures:
            raise PlatformFailed(f"{what}: {'; '.join(self._failures)}")
