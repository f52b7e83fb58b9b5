"""The two ways to write an id: the number as text, as the core has it, and Shopify's global id, which names the kind too."""

from __future__ import annotations

import re
from typing import Final

LARGEST: Final = 2**63 - 1
"""The largest number of an id that we take."""

_GID: Final = re.compile(r"gid://shopify/([A-Za-z]{1,64})/([1-9][0-9]{0,18})\Z")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,18}\Z")


class InvalidId(ValueError):
    """What should have been an id isn't one of Shopify's."""


def gid(kind: str, id_number: str) -> str:
    """The global id of a thing. Raises InvalidId for an id that isn't a number.

    >>> gid("Customer", "123")
    'gid://shopify/Customer/123'
    """
    return f"gid://shopify/{kind}/{_bounded(id_number)}"


def number(gid: str, kind: str | None = None) -> str:
    """The number in a global id, as text. Raises InvalidId for what isn't one, or isn't of the kind.

    >>> number("gid://shopify/Customer/123")
    '123'
    """
    found = _GID.match(gid)
    if found is None or kind not in (None, found[1]):
        raise InvalidId(f"expected a global id{f' of the kind {kind}' if kind else ''}, got {_short(gid)}")
    return _bounded(found[2])


def _bounded(id_number: str) -> str:
    if not _NUMBER.match(id_number) or int(id_number) > LARGEST:
        raise InvalidId(f"expected the number of an id, from 1 to {LARGEST}, got {_short(id_number)}")
    return id_number


def _short(text: str) -> str:
    return ascii(text if len(text) <= 60 else text[:60] + "...")
