"""Amounts of the shop's currency: decimal texts of major units, exactly as minor units.

What the buyer saw (`presentmentMoney`) is another currency's, and is never read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from vip_rules.model import Currency, InvalidMoney

from vip_rules_shopify.reading.scalars import Unusable

_DECIMAL: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?", re.ASCII)
_REMEMBERED: Final = 50_000


class Amounts(dict[str, int]):
    """The amounts of one currency: by its text the amount in minor units, each text read once.

    >>> Amounts("JPY")["1200.0"], Amounts("KWD")["1.250"]
    (1200, 1250)
    """

    def __init__(self, code: str) -> None:
        super().__init__()
        self._currency = Currency.of(code)

    def __missing__(self, text: str) -> int:
        if type(text) is not str or _DECIMAL.fullmatch(text) is None:
            raise Unusable(f"an amount is {ascii(text)[:40]}: decimal digits were expected")
        try:
            minor = self._currency.minor(Decimal(text))
        except InvalidMoney as error:
            raise Unusable(f"an amount can't be used: {error}") from None
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = minor
        return minor

    def of(self, node: Mapping[str, Any], name: str) -> int:
        """The amount of a field. Raises Unusable."""
        try:
            return self[node[name]["shopMoney"]["amount"]]
        except (KeyError, TypeError):
            raise Unusable(f"its {name} is missing") from None

    def if_any(self, node: Mapping[str, Any], name: str) -> int:
        """The amount of a field that may be null: 0 then. Raises Unusable."""
        return self.of(node, name) if node.get(name) is not None else 0

    def all(self, node: Mapping[str, Any], name: str, each: str) -> int:
        """What a list comes to, of whose entries each has an amount. Raises Unusable."""
        entries = node.get(name)
        return sum([self.of(entry, each) for entry in entries]) if entries else 0


@lru_cache(maxsize=16)
def amounts_of(code: str) -> Amounts:
    """The amounts of a currency. Raises Unusable for a code that ISO 4217 doesn't have."""
    try:
        return Amounts(code)
    except InvalidMoney as error:
        raise Unusable(str(error)) from None
