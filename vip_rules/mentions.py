"""Mentions: whether a sentence, or the bytes of a webhook, names somebody who is to be forgotten."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, Final

SHORT: Final = 8
"""Signs of an id that could as well be a number or a word, at most: it names somebody only where customers are meant."""

_CUSTOMERS: Final = re.compile("customer|merge", re.IGNORECASE)
_BEFORE: Final = r"""(?:customers? |[:/'"“‘#])"""
"""What stands before a short id that is a customer's: "customer 5", "birthday:2026:5", "'5'"."""


class Mentions:
    """Finds those of some `names`, ids and email addresses, that are in a text, whatever its capitals.

    >>> mentions = Mentions(["5", "ann@shop.example"])
    >>> [mentions.said(text) for text in ("customer 5 is gone", "5 orders", "Ann@shop.example asks", "joann@shop.example")]
    [True, False, True, False]
    >>> mentions.sent(b'{"id": 5, "customer": {"id": 7}}', "orders/updated")
    False
    >>> mentions.sent(b'{"id": 7, "customer": {"id": 5}}', "orders/updated")
    True
    """

    def __init__(self, names: Iterable[str]) -> None:
        named = {name for name in names if name}
        self._short = {name for name in named if len(name) <= SHORT and "@" not in name}
        anywhere, short = _any(named - self._short), _any(self._short)
        self._said = _found(rf"(?<!\w){anywhere}|{_BEFORE}{short}")
        self._anywhere, self._alone = _found(rf"(?<!\w){anywhere}"), _found(rf"(?<!\w){short}")

    def said(self, text: str) -> bool:
        """Whether a sentence, or JSON that is made of sentences, names one of them."""
        return self._said.search(text) is not None

    def sent(self, body: bytes, topic: str) -> bool:
        """Whether the body of a webhook names one of them. A short id has to stand where a customer's would, if it is JSON."""
        text = body.decode("utf-8", "replace")
        if self._anywhere.search(text):
            return True
        if not self._short or not self._alone.search(text):
            return False
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            # Nobody can say what it means there.
            return True
        return any(each in self._short for each in _customers(document, topic))


def _any(names: Collection[str]) -> str:
    """What matches one of some names, also as JSON writes them; without any it matches nothing."""
    cases = {form for each in names for form in (each, each.lower(), each.upper())}
    written = sorted({*names, *(json.dumps(each)[1:-1] for each in cases)})
    return f"(?:{'|'.join(map(re.escape, written))})" if written else r"(?!)"


def _found(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})(?!\w)", re.IGNORECASE)


def _customers(document: Any, topic: str) -> Iterator[str]:
    """What may be a customer's id in a document: members named after customers, and the `id` of what is one."""
    left: list[tuple[Any, str, bool]] = [(document, topic, False)]
    while left:
        value, name, is_customer = left.pop()
        about = _CUSTOMERS.search(name) is not None
        if isinstance(value, dict):
            left += [(held, member, about) for member, held in value.items()]
        elif isinstance(value, list):
            left += [(held, name, is_customer) for held in value]
        elif about or (name == "id" and is_customer):
            yield str(value)
        elif isinstance(value, str) and _CUSTOMERS.search(value):
            # As in gid://shop/Customer/5
            yield value.rpartition("/")[2]
