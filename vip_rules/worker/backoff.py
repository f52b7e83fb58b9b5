"""Backoff: how long to wait before something that failed is tried again. It is kept with what failed, over restarts."""

from __future__ import annotations

from typing import Final

FIRST: Final = 2
LONGEST: Final = 900
"""Seconds to wait after the first failure, and at most; each failure doubles the wait."""


def backoff(failures: int) -> int:
    """Microseconds to wait after so many failures in a row, 1 or more.

    >>> [backoff(failures) // 1_000_000 for failures in (1, 2, 3, 20)]
    [2, 4, 8, 900]
    """
    return min(LONGEST, FIRST << min(failures - 1, 16)) * 1_000_000
