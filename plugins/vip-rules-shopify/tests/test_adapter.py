"""The adapter as a whole: how it is opened, what it says of itself, and how fast it works."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import shopify
from vip_rules.adapter import KINDS, Confirmed, Intent, Opening
from vip_rules.errors import UsageError, VipRulesError
from vip_rules.plugins import load_catalogue
from vip_rules.store import StoreCustomer
from vip_rules.testing.examples import example

from tests.shop import FakeShopify, Fault
from tests.shop.tokens import CLIENT_ID, CLIENT_SECRET
from tests.workbench import Clock, ShopifyWorkbench, opening
from vip_rules_shopify.adapter import ShopifyAdapter
from vip_rules_shopify.plugin import SETTINGS, open_shop
from vip_rules_shopify.shops import access_of


@pytest.fixture
def shop() -> Iterator[FakeShopify]:
    with FakeShopify() as fake:
        yield fake


def settings(**given: Any) -> Opening:
    """An opening with these settings and no others."""
    return replace(opening(Clock()), settings={"shop": "vip-test.myshopify.com", **given})


def test_the_catalogue_has_the_adapter_and_all_its_settings_say_what_they_are() -> None:
    adapter = load_catalogue().adapters["shopify"]
    assert adapter.title == "Shopify"
    for name, setting in SETTINGS.items():
        assert setting.description.endswith((".", '."')), name
        assert not {f"{name}_env", f"{name}_file"} & SETTINGS.keys(), f"{name} can't be told from a secret"


@pytest.mark.parametrize(
    "how",
    [
        {"token": "good"},
        {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
    ],
)
def test_a_shop_is_opened_with_a_token_or_a_client(shop: FakeShopify, how: dict[str, str]) -> None:
    given = {"token": shop.token} if "token" in how else how
    adapter = open_shop(settings(base_url=shop.url, **given))
    assert adapter.shop().currency == "USD"
    adapter.close()


def test_a_shop_is_opened_with_a_session(shop: FakeShopify) -> None:
    session = shopify.Session("vip-test.myshopify.com", "2026-10", shop.token)
    access = access_of(session)
    assert access.base_url == "https://vip-test.myshopify.com"
    adapter = ShopifyAdapter(replace(access, base_url=shop.url), settings())
    assert adapter.shop().currency == "USD"
    adapter.close()


def test_to_open_a_shop_reaches_for_no_network(shop: FakeShopify) -> None:
    open_shop(settings(base_url=shop.url, token=shop.token)).close()
    assert shop.calls == []


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "token_env"),
        ({"client_id": "id"}, "client_secret_env"),
        ({"client_secret": "secret-one"}, "client_id"),
        ({"app_tokens": "tokens.json"}, "client_id"),
        ({"token": "secret-one", "app_tokens": "tokens.json"}, "app_tokens"),
        ({"token": "secret-one", "shop": "vip-test.example.com"}, "myshopify.com"),
        ({"token": "secret-one", "shop": "vip-test"}, '[store] shop: write "vip-test.myshopify.com"'),
        ({"token": "secret-one", "base_url": "http://shop.example.com"}, "[store] base_url"),
        ({"token": "secret-one", "api_version": "latest"}, "[store] api_version"),
        ({"token": "secret-one", "discounts": "coupons"}, '"automatic" or "code"'),
        ({"token": "secret-one", "expedited_up_to": "20,00"}, "expedited_up_to"),
        ({"token": "secret-one", "next_day_up_to": "-1"}, "next_day_up_to"),
        ({"token": "secret-one", "standard_up_to": "NaN"}, "standard_up_to"),
        ({"token": "secret-one", "credit_days": 0}, "credit_days"),
        ({"token": "secret-one", "connections": 1_000}, "connections"),
        ({"token": "secret-one", "webhook_url": "https://vip.example/webhooks/x"}, "webhook_secret_env"),
    ],
)
def test_settings_that_cannot_work_are_told_by_their_keys(given: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)) as failed:
        open_shop(settings(**given))
    assert "secret-one" not in str(failed.value)


def test_deliveries_are_checked_with_the_client_secret_or_another(shop: FakeShopify) -> None:
    delivery = shop.webhook("customers/update", {"id": 1}, secret="a-secret")
    for given in (
        {"client_secret": "a-secret"},
        {"webhook_secret": "new", "former_webhook_secret": "a-secret"},
    ):
        adapter = open_shop(settings(token="token", base_url=shop.url, **given))
        assert adapter.webhooks is not None
        assert adapter.webhooks.verify(delivery).__class__.__name__ == "Genuine"
        adapter.close()
    plain = open_shop(settings(token="token", base_url=shop.url))
    assert plain.webhooks is None


def test_what_it_does_and_lacks_is_said_for_the_settings() -> None:
    plain = open_shop(settings(token="token"))
    assert plain.capabilities.keys() == KINDS.keys() - {"message"}
    assert "25 active automatic discounts" in plain.capabilities["discount"].lacks
    assert "combines_with" in plain.capabilities["discount"].lacks
    assert "no services" in plain.capabilities["free_shipping"].lacks
    assert not plain.capabilities["store_credit"].idempotent
    coded = open_shop(settings(token="token", discounts="code", expedited_up_to="20.00", credit_days=90))
    assert "25" not in coded.capabilities["discount"].lacks
    assert "enter the code" in coded.capabilities["discount"].lacks
    assert "expedited up to 20.00" in coded.capabilities["free_shipping"].lacks
    assert "90 days" in coded.capabilities["store_credit"].does


def test_no_secret_is_in_how_it_shows_itself() -> None:
    adapter = open_shop(settings(token="shpat_secret", client_secret="shpss_secret"))
    assert repr(adapter) == "ShopifyAdapter('https://vip-test.myshopify.com')"
    assert "secret" not in repr(vars(adapter))


def test_a_missing_scope_is_a_refusal_that_names_it(tmp_path: Path) -> None:
    bench = ShopifyWorkbench(tmp_path)
    bench.fill(bench.customers, (), ())
    bench.shop.scopes -= {"write_customers", "write_discounts"}
    bench.shop.scopes |= {"read_customers", "read_discounts"}
    for kind in ("customer", "discount"):
        (outcome,) = bench.adapter().carry_out([example(kind, "1")])
        assert "write_" in getattr(outcome, "reason", ""), outcome
    bench.close()


def test_what_may_not_be_read_keeps_nothing_else_from_being_done(tmp_path: Path) -> None:
    bench = ShopifyWorkbench(tmp_path)
    bench.fill(bench.customers, (), ())
    bench.shop.scopes -= {"read_store_credit_accounts"}
    adapter = bench.adapter()
    intents = [example("customer", "1"), example("store_credit", "1")]
    customer, credit = adapter.carry_out(intents)
    assert isinstance(customer, Confirmed)
    assert "read_store_credit_accounts" in getattr(credit, "reason", "")
    assert [type(sight).__name__ for sight in adapter.look(intents)] == ["Found", "Unreadable"]
    assert bench.shop.accounts == {}
    bench.close()


def many(count: int) -> list[Intent]:
    return [example("customer", str(number)) for number in range(1, count + 1)]


def put_many(bench: ShopifyWorkbench, count: int) -> None:
    for number in range(1, count + 1):
        bench.shop.put_customer(StoreCustomer(id=str(number), created_at=bench.clock()))


def test_no_more_is_sent_than_the_shops_points_pay_for(tmp_path: Path) -> None:
    bench = ShopifyWorkbench(tmp_path, connections=4)
    put_many(bench, 50)
    bench.shop.bucket.resize(200, 50)
    adapter, left = bench.adapter(), many(50)
    while left:
        outcomes = adapter.carry_out(left)
        left = [
            intent for intent, each in zip(left, outcomes, strict=True) if not isinstance(each, Confirmed)
        ]
    sent = bench.shop.count("CustomerPut")
    assert sent <= 50 + 4  # before the first answer nobody knows what it costs
    assert bench.clock.slept >= (50 * 20 - 200) // 50 - 1
    adapter.close()
    bench.close()


def test_what_the_shop_was_too_busy_for_is_told_for_itself(tmp_path: Path) -> None:
    bench = ShopifyWorkbench(tmp_path, connections=3)
    put_many(bench, 9)
    bench.shop.faults.add(
        Fault.TOO_MANY_REQUESTS,
        when=lambda call: call.mutation and call.variables["id"].endswith("/4"),
        times=1,
    )
    outcomes = bench.adapter().carry_out(many(9))
    told = [type(outcome).__name__ for outcome in outcomes]
    assert told == ["Confirmed"] * 3 + ["RetryAfter"] + ["Confirmed"] * 5
    bench.close()


def test_the_programs_days_are_those_on_which_credit_ends(tmp_path: Path) -> None:
    bench = ShopifyWorkbench(tmp_path)
    bench.fill(bench.customers, (), ())
    given = replace(opening(bench.clock), timezone=ZoneInfo("Asia/Tokyo"))
    adapter = ShopifyAdapter.open(
        replace(given, settings={**given.settings, "token": bench.shop.token, "base_url": bench.shop.url})
    )
    adapter.carry_out([example("store_credit", "1")])
    ((transaction,),) = (account.transactions for account in bench.shop.accounts_of(1))
    assert transaction.expires_at is not None
    assert transaction.expires_at.astimezone(ZoneInfo("Asia/Tokyo")).date().isoformat() == "2027-05-03"
    adapter.close()
    bench.close()


def test_a_shop_that_is_not_there_is_no_error_of_effects(tmp_path: Path) -> None:
    bench = ShopifyWorkbench(tmp_path)
    adapter = bench.adapter()
    bench.shop.close()
    intents = [example(kind, "1") for kind in adapter.capabilities]
    assert {type(outcome).__name__ for outcome in adapter.carry_out(intents)} == {"RetryAfter"}
    assert {type(sight).__name__ for sight in adapter.look(intents)} == {"Unreadable"}
    with pytest.raises(VipRulesError):
        adapter.shop()
