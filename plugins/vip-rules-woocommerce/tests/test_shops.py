"""Shops as they differ: two in one database, in a folder, by another name; and money of other currencies."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vip_rules.model import Currency

from tests.boutique import Boutique, Clock, address, fill, order, program
from tests.shopping import ADA, Shopping, credit, discount
from tests.woocommerce.server import FakeWooCommerce
from tests.workbench import adapter_at, meta, opening
from vip_rules_woocommerce.adapter import WooCommerceAdapter
from vip_rules_woocommerce.effects.terms import Terms


@pytest.fixture
def clock() -> Clock:
    return Clock()


def ours(shop: FakeWooCommerce) -> dict[str, str]:
    """The codes of our coupons that are good, by key."""
    rows = [row for row in shop.coupons if meta(row).get("vip_rules_key") and shop.coupon_desk.live(row)]
    return {meta(row)["vip_rules_key"]: row["code"] for row in rows}


def test_two_shops_in_one_database_have_each_their_own(tmp_path: Path, clock: Clock) -> None:
    with FakeWooCommerce(clock=clock) as one, FakeWooCommerce(clock=clock) as other:
        for shop in (one, other):
            fill(shop)
        order(one, 7_001, 1, 60_000, clock())
        order(other, 7_001, 2, 30_000, clock())
        first = Boutique(tmp_path, one, clock, program(), name="one")
        second = Boutique(tmp_path, other, clock, program(), name="other", database=first.database)
        for each in (first, second):
            each.sync(full=True)
        for each in (first, second):
            each.apply()
        assert set(ours(one)) == {"discount:gold:1", "free_shipping:gold:1", "promotion:gold:1"}
        assert set(ours(other)) == {"discount:silver:2"}
        other.refund(7_001, "300.00")
        clock.sleep(60)
        for each in (second, first):
            each.sync()
            each.apply()
            assert each.drift().differences == []
        assert len(ours(one)) == 3
        assert ours(other) == {}
        second.adapter.close()
        first.close()


@pytest.mark.parametrize("folder", ["", "/shop", "/a/b"])
@pytest.mark.parametrize("ending", ["", "/", "//", "/wp-json/", "/wp-json/wc/v3"])
def test_a_shop_in_a_folder_is_reached_however_its_address_ends(
    folder: str, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over http, where each request is signed with its whole address."""
    monkeypatch.setattr("tests.woocommerce.wire._ROOT", f"{folder}/wp-json/wc/v3")
    with FakeWooCommerce() as shop:
        fill(shop)
        adapter = adapter_at(f" {shop.url}{folder}{ending} ")
        work = Shopping(shop, adapter)
        intent = discount(address(1))
        assert work.held(work.done(intent)) == intent.payload
        assert {call.path.split("/")[1] for call in shop.calls} == {"customers", "coupons"}
        adapter.close()


@pytest.mark.parametrize(
    ("currency", "amount", "told"),
    [
        ("JPY", "2500", "2500.00"),
        ("JPY", "2500", "2500"),
        ("KWD", "25.125", "25.13"),
        ("KWD", "25.125", "25.12"),
        ("KWD", "25.125", "25.125"),
        ("KWD", "25.100", "25.10"),
        ("KWD", "0.004", "0.00"),
        ("USD", "25.00", "25.00"),
    ],
)
def test_credits_of_any_currency_are_read_back_as_they_were_put(
    currency: str, amount: str, told: str
) -> None:
    """The shop tells amounts of coupons with two decimals, however many its currency has."""
    with FakeWooCommerce(currency=currency) as shop:
        fill(shop)
        adapter = counting_in(shop, currency)
        work = Shopping(shop, adapter)
        put = work.done(credit(address(1), amount=amount, currency=currency))
        (opened,) = [call.body for call in shop.calls if call.method == "PUT" and "amount" in call.body]
        assert opened["amount"] == amount
        shop.coupons.change(int(str(put.reference)), amount=told)
        assert work.held(put) == put.payload
        for other in (Decimal(told) + Decimal("0.02"), Decimal(told) - Decimal("0.02")):
            shop.coupons.change(int(str(put.reference)), amount=str(other))
            assert work.held(put) != put.payload
        adapter.close()


def counting_in(shop: FakeWooCommerce, currency: str) -> WooCommerceAdapter:
    return WooCommerceAdapter.open(replace(opening(shop.url), currency=Currency.of(currency)))


@settings(max_examples=60, deadline=None)
@given(st.decimals(min_value="0.01", max_value=100, places=2))
def test_a_percentage_of_two_decimals_comes_back(percent: Decimal) -> None:
    text = f"{percent:f}".rstrip("0").rstrip(".")
    terms = Terms(key="k", email=ADA, discount_type="percent", amount=text, description="d")
    row: dict[str, Any] = {
        **terms.made("c"),
        **terms.opened(),
        "amount": f"{percent:.2f}",
        "date_expires": None,
    }
    assert list(terms.differences(row)) == []
