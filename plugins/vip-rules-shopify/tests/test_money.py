"""Money and percentages: exact to the last digit on the wire, in currencies of any number of decimals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from vip_rules.adapter import Confirmed, Found
from vip_rules.errors import UsageError
from vip_rules.model import Currency
from vip_rules.testing.examples import example

from tests.boutique import Boutique, fill, order, program
from tests.shop import FakeShopify
from tests.workbench import Clock, ShopifyWorkbench, opening
from vip_rules_shopify.adapter import ShopifyAdapter
from vip_rules_shopify.admin.wire import Wire

GOLD = example("discount", "1")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ShopifyWorkbench]:
    bench = ShopifyWorkbench(tmp_path)
    bench.fill(bench.customers, (), ())
    yield bench
    bench.close()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is sent, to the letter."""
    bodies: list[str] = []
    post = Wire.post

    def listening(self: Wire, url: str, body: Any, headers: Any) -> Any:
        bodies.append(body.decode() if isinstance(body, bytes) else str(body))
        return post(self, url, body, headers)

    monkeypatch.setattr(Wire, "post", listening)
    return bodies


def adapter_in(bench: ShopifyWorkbench, currency: str, **settings: Any) -> ShopifyAdapter:
    bench.shop.currency = currency
    given = opening(bench.clock, base_url=bench.shop.url, token=bench.shop.token, **settings)
    return ShopifyAdapter.open(replace(given, currency=Currency.of(currency)))


@pytest.mark.parametrize(
    ("percent", "part"),
    [("12.5", "0.125"), ("15", "0.15"), ("33.33", "0.3333"), ("0.01", "0.0001"), ("100", "1.00")],
)
def test_a_percentage_is_a_number_of_just_its_digits(
    bench: ShopifyWorkbench, sent: list[str], percent: str, part: str
) -> None:
    bench.adapter().carry_out([replace(GOLD, payload={**GOLD.payload, "percent": percent})])
    (body,) = (body for body in sent if "AutomaticBasicCreate(" in body)
    found = re.search(r'"percentage":([0-9.eE+-]+)', body)
    assert found is not None
    assert found[1] == part


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("JPY", "2500"), ("USD", "25.00"), ("USD", "0.10"), ("KWD", "7.125"), ("KWD", "25.000")],
)
def test_a_credit_is_a_text_of_just_its_amount_and_is_found_again(
    bench: ShopifyWorkbench, sent: list[str], currency: str, amount: str
) -> None:
    intent = example("store_credit", "1")
    intent = replace(intent, payload={**intent.payload, "amount": amount, "currency": currency})
    adapter = adapter_in(bench, currency)
    assert [type(each) for each in adapter.carry_out([intent])] == [Confirmed]
    (body,) = (body for body in sent if "storeCreditAccountCredit" in body)
    assert f'"creditAmount":{{"amount":"{amount}","currencyCode":"{currency}"}}' in body
    (account,) = bench.shop.accounts_of(1)
    assert account.balance == Currency.of(currency).minor(Decimal(amount))
    assert adapter.look([intent]) == [Found(intent.payload, adapter.look([intent])[0].reference)]  # type: ignore[union-attr]
    assert [type(each) for each in adapter.carry_out([intent])] == [Confirmed]
    assert account.balance == Currency.of(currency).minor(Decimal(amount))
    adapter.close()


@pytest.mark.parametrize(
    ("currency", "given", "written"),
    [
        ("JPY", "2500", "2500"),
        ("JPY", "2500.0", "2500"),
        ("USD", "20", "20.00"),
        ("USD", "1e3", "1000.00"),
        ("KWD", "7.125", "7.125"),
    ],
)
def test_the_highest_price_of_shipping_is_written_in_the_shops_currency(
    bench: ShopifyWorkbench, sent: list[str], currency: str, given: str, written: str
) -> None:
    adapter = adapter_in(bench, currency, expedited_up_to=given)
    shipping = example("free_shipping", "1")
    (outcome,) = adapter.carry_out([shipping])
    assert isinstance(outcome, Confirmed)
    (body,) = (body for body in sent if "AutomaticFreeShippingCreate(" in body)
    assert f'"maximumShippingPrice":"{written}"' in body
    assert adapter.look([shipping]) == [Found(shipping.payload, outcome.reference)]
    assert list(adapter.repair())
    assert not any("free" in sentence for sentence in adapter.repair())
    adapter.close()


@pytest.mark.parametrize(
    ("currency", "given"), [("JPY", "8.50"), ("USD", "20.005"), ("KWD", "1.0005"), ("USD", "1e40")]
)
def test_a_price_that_no_money_of_the_shop_is_is_refused(
    bench: ShopifyWorkbench, currency: str, given: str
) -> None:
    with pytest.raises(UsageError, match="expedited_up_to"):
        adapter_in(bench, currency, expedited_up_to=given)


@pytest.mark.parametrize(
    ("currency", "credit", "spent"), [("JPY", 2_500, 60_000), ("KWD", Decimal("7.125"), 600_000)]
)
def test_a_shop_of_another_currency_lives_like_any_other(
    tmp_path: Path, currency: str, credit: int | Decimal, spent: int
) -> None:
    clock = Clock()
    with FakeShopify(clock=clock) as shop:
        shop.currency = currency
        fill(shop)
        order(shop, 7_001, 1, spent, clock())
        rules = program(currency=currency, credit=credit, percent=Decimal("12.5"))
        boutique = Boutique(tmp_path, shop, clock, rules, expedited_up_to="900")
        boutique.settle()
        assert boutique.plan().changes == ()
        assert boutique.drift().differences == []
        assert boutique.credits() == {"promotion:gold:1": ("confirmed", 1)}
        (account,) = shop.accounts_of(1)
        assert account.balance == Currency.of(currency).minor(credit)
        boutique.close()
