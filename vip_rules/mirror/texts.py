"""Texts that every database can keep."""

from __future__ import annotations

import re
from typing import Final, overload

_UNFIT: Final = re.compile("[\x00\ud800-\udfff]")
"""NUL, which PostgreSQL keeps in no text, and halves of surrogate pairs, which are no characters."""


@overload
def fit(told: str) -> str: ...
@overload
def fit(told: str | None) -> str | None: ...
def fit(told: str | None) -> str | None:
    r"""A text, with the sign for unreadable ones in the place of characters that can't be kept.

    >>> fit("rose\0") == "rose\ufffd"
    True
    """
    # Nearly all are plain, and there are millions of them.
    if told is None or (told.isascii() and "\0" not in told):
        return told
    return _UNFIT.sub("\ufffd", told)
