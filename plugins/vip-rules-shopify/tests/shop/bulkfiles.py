"""Big bulk files for benchmarks, written as a stream: customers, and orders with their lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

_NEWEST: Final = datetime(2026, 11, 20, tzinfo=UTC)
_DAYS: Final = 900
_GOODS: Final = (
    ("ROSE", "Roses", "Flowers", "Verdant"),
    ("TULIP", "Tulips", "Flowers", "Verdant"),
    ("VASE", "Vase", "Glass", "Clarity"),
    ("CARD", "Card", "Paper", "Folio"),
    ("FERN", "Fern", "Plants", "Verdant"),
    ("POT", "Pot", "Clay", "Terra"),
)


@dataclass(frozen=True, slots=True)
class BulkFiles:
    """Two files and how many lines they have: what `objectCount` says of them. Of the orders' some are orders."""

    customers: Path
    customer_lines: int
    orders: Path
    order_lines: int
    order_roots: int


def write_bulk(folder: Path, customers: int = 100_000, orders: int = 500_000, seed: int = 0) -> BulkFiles:
    """Write a shop's customers and orders in USD. The same seed makes the same files.

    An order has one to three lines, some way behind it among other orders. One in twenty is refunded in part, one in fifty is
    cancelled, one in thirty a guest's.
    """
    random = Random(seed)
    files = folder / "customers.jsonl", folder / "orders.jsonl"
    with files[0].open("w", encoding="utf-8", buffering=1 << 20) as opened:
        for number in range(1, customers + 1):
            opened.write(_customer(number, random))
    lines = 0
    with files[1].open("w", encoding="utf-8", buffering=1 << 20) as opened:
        for row in _rows(customers, orders, random):
            opened.write(row)
            lines += 1
    return BulkFiles(files[0], customers, files[1], lines, orders)


def _rows(customers: int, orders: int, random: Random) -> Iterator[str]:
    waiting: list[str] = []
    for number in range(1, orders + 1):
        order, lines = _order(number, customers, random)
        yield order
        waiting += lines
        if len(waiting) > 200:
            random.shuffle(waiting)
            yield from waiting[100:]
            del waiting[100:]
    yield from waiting


def _customer(number: int, random: Random) -> str:
    created = _instant(random.randrange(_DAYS, 3 * _DAYS) * 86_400)
    tags = '"newsletter"' if number % 3 == 0 else ""
    birthday = f"19{random.randrange(40, 100)}-{random.randrange(1, 13):02d}-{random.randrange(1, 29):02d}"
    return (
        f'{{"id":"gid:\\/\\/shopify\\/Customer\\/{number}","createdAt":"{created}","updatedAt":"{created}",'
        f'"tags":[{tags}],"locale":"en","defaultEmailAddress":{{"emailAddress":"c{number}@example.com"}},'
        f'"birthDate":{{"value":"{birthday}"}}}}\n'
    )


def _order(number: int, customers: int, random: Random) -> tuple[str, list[str]]:
    placed = _instant(random.randrange(_DAYS * 86_400))
    count = random.choice((1, 1, 1, 2, 2, 3))
    refunded = random.random() < 0.05  # not money
    lines, goods, back = [], 0, 0
    for place in range(count):
        text, amount, returned = _line(number, place, refunded and place == 0, random)
        lines.append(text)
        goods += amount
        back += returned
    tax, shipping = goods * 8 // 100, 500
    tax_back = back * 8 // 100
    total, money_back = goods + tax + shipping, back + tax_back
    status = "PARTIALLY_REFUNDED" if money_back else "PAID"
    buyer = f'{{"id":"gid:\\/\\/shopify\\/Customer\\/{random.randrange(1, customers + 1)}"}}'
    customer = "null" if number % 30 == 0 else buyer
    cancelled = f'"{placed}"' if number % 50 == 0 else "null"
    return (
        f'{{"id":"gid:\\/\\/shopify\\/Order\\/{number}","processedAt":"{placed}","updatedAt":"{placed}",'
        f'"cancelledAt":{cancelled},"test":false,"sourceName":"web","currencyCode":"USD","taxesIncluded":false,'
        f'"dutiesIncluded":false,"displayFinancialStatus":"{status}","customer":{customer},'
        f'"totalPriceSet":{_bag(total)},"currentTotalPriceSet":{_bag(total - money_back)},"totalTaxSet":{_bag(tax)},'
        f'"originalTotalDutiesSet":null,"originalTotalAdditionalFeesSet":null,"totalTipReceivedSet":{_bag(0)},'
        f'"totalDiscountsSet":{_bag(0)},"totalRefundedSet":{_bag(money_back)},"totalRefundedShippingSet":{_bag(0)},'
        f'"netPaymentSet":{_bag(total - money_back)},'
        f'"shippingLine":{{"discountedPriceSet":{_bag(shipping)},"taxLines":[]}}}}\n'
    ), lines


def _line(number: int, place: int, refunded: bool, random: Random) -> tuple[str, int, int]:
    sku, name, kind, vendor = _GOODS[random.randrange(len(_GOODS))]
    quantity = random.choice((1, 1, 2, 4))
    amount = random.randrange(500, 9_000) * quantity
    left = quantity - (1 if refunded else 0)
    tax = amount * 8 // 100
    text = (
        f'{{"id":"gid:\\/\\/shopify\\/LineItem\\/{number * 10 + place}","sku":"{sku}","name":"{name}","vendor":"{vendor}",'
        f'"quantity":{quantity},"currentQuantity":{left},"isGiftCard":false,'
        f'"product":{{"productType":"{kind}","vendor":"{vendor}","tags":[]}},"originalTotalSet":{_bag(amount)},'
        f'"priceAfterAllDiscountsBeforeTaxesSet":{_bag(amount * left // quantity)},'
        f'"discountAllocations":[],"taxLines":[{{"priceSet":{_bag(tax)}}}],'
        f'"__parentId":"gid:\\/\\/shopify\\/Order\\/{number}"}}\n'
    )
    return text, amount, amount // quantity if refunded else 0


def _bag(minor: int) -> str:
    return f'{{"shopMoney":{{"amount":"{minor // 100}.{minor % 100:02d}"}}}}'


def _instant(seconds_before: int) -> str:
    return (_NEWEST - timedelta(seconds=seconds_before)).strftime("%Y-%m-%dT%H:%M:%SZ")
