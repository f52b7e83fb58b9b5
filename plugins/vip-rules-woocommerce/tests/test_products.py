"""Products give lines their category and brand, and tell gift cards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from vip_rules.model import OrderLine
from vip_rules.store import StoreOrder
from vip_rules.testing.clock import StoppedClock

from tests.readers import everything, reading
from tests.woocommerce.server import FakeWooCommerce
from vip_rules_woocommerce.reading.choices import Choices


@pytest.fixture
def shop() -> Iterator[FakeWooCommerce]:
    with FakeWooCommerce() as shop:
        yield shop
        assert not shop.crashes


def buy(shop: FakeWooCommerce, number: int = 1, **line: str) -> int:
    """An order of one line; gives the id of its product."""
    bought = OrderLine(**{"product": "Thing", **line}, amount=1000)  # type: ignore[arg-type]
    placed = datetime(2026, 11, 1, tzinfo=UTC)
    shop.put_order(
        StoreOrder(
            id=str(number), customer_id=None, placed_at=placed, currency="USD", total=1000, lines=(bought,)
        )
    )
    return int(shop.orders[number]["line_items"][0]["product_id"])


def line(shop: FakeWooCommerce, choices: Choices = Choices()) -> OrderLine:  # noqa: B008 - frozen
    with reading(shop, choices) as reader:
        return everything(reader).orders["1"].lines[0]


def test_category_and_brand_are_named_as_people_write_them(shop: FakeWooCommerce) -> None:
    buy(shop, category="Büro & Café", brand="M&S")
    assert (line(shop).category, line(shop).brand) == ("Büro & Café", "M&S")


def test_the_deepest_category_counts_and_of_equals_the_first(shop: FakeWooCommerce) -> None:
    product = buy(shop)
    tree = [shop.category_desk.named(name) for name in ("Clothes", "Shoes", "Boots", "Sale", "Sandals")]
    for child, parent in ((1, 0), (2, 1), (4, 1)):
        shop.category_desk.shelf.change(tree[child]["id"], parent=tree[parent]["id"])
    shown = [{"id": each["id"], "name": each["name"], "slug": each["slug"]} for each in tree]
    shop.products.change(product, categories=shown)
    assert line(shop).category == "Boots"


def test_a_circle_of_categories_has_an_end(shop: FakeWooCommerce) -> None:
    product = buy(shop)
    one, other = (shop.category_desk.named(name) for name in ("A", "B"))
    shop.category_desk.shelf.change(one["id"], parent=other["id"])
    shop.category_desk.shelf.change(other["id"], parent=one["id"])
    shop.products.change(product, categories=[other, one])
    assert line(shop).category == "A"


def test_uncategorized_is_no_category(shop: FakeWooCommerce) -> None:
    product = buy(shop)
    shop.products.change(product, categories=[{"id": 15, "name": "Uncategorized", "slug": "uncategorized"}])
    assert line(shop).category is None


def test_a_product_in_the_trash_still_has_its_category(shop: FakeWooCommerce) -> None:
    product = buy(shop, category="Mugs")
    shop.products.change(product, status="trash")
    assert line(shop).category == "Mugs"


def test_a_deleted_product_has_none(shop: FakeWooCommerce) -> None:
    shop.products.remove(buy(shop, category="Mugs"))
    assert line(shop) == OrderLine(product="Thing", amount=1000)


def test_gift_cards_are_told_by_type_field_or_category(shop: FakeWooCommerce) -> None:
    product = buy(shop, category="Gift cards")
    assert not line(shop).gift_card
    assert line(shop, Choices(gift_card_categories=frozenset({"gift-cards"}))).gift_card
    shop.products.change(product, type="pw-gift-card")
    assert line(shop).gift_card
    shop.products.change(product, type="simple", meta_data=[{"id": 1, "key": "_gift_card", "value": "yes"}])
    assert line(shop).gift_card
    shop.products.change(product, meta_data=[{"id": 1, "key": "_gift_card", "value": "no"}])
    assert not line(shop).gift_card


def test_each_product_is_asked_for_once(shop: FakeWooCommerce) -> None:
    for number in range(1, 251):
        buy(shop, number, sku="MUG", category="Mugs")
    with reading(shop) as reader:
        everything(reader)
    assert shop.count("GET", "/products") == 1


def test_each_reading_asks_anew(shop: FakeWooCommerce) -> None:
    product = buy(shop, category="Mugs")
    with reading(shop) as reader:
        assert everything(reader).orders["1"].lines[0].category == "Mugs"
        shop.products.change(product, categories=[{"id": 9, "name": "Cups", "slug": "cups"}])
        assert everything(reader).orders["1"].lines[0].category == "Cups"


def test_a_fetch_remembers_products_for_some_minutes(shop: FakeWooCommerce) -> None:
    buy(shop, category="Mugs")
    clock = shop.clock
    assert isinstance(clock, StoppedClock)
    with reading(shop) as reader:
        for _ in range(3):
            reader.fetch([], ["1"], wanted=frozenset())
        assert shop.count("GET", "/products") == 1
        clock.advance(seconds=601)
        reader.fetch([], ["1"], wanted=frozenset())
        assert shop.count("GET", "/products") == 2


def test_products_are_not_asked_for_without_lines(shop: FakeWooCommerce) -> None:
    placed = datetime(2026, 11, 1, tzinfo=UTC)
    shop.put_order(StoreOrder(id="1", customer_id=None, placed_at=placed, currency="USD", total=1000))
    with reading(shop) as reader:
        everything(reader)
    assert shop.count("GET", "/products") == 0
