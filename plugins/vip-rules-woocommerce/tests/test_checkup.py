"""The check-up of a shop."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import responses
from vip_rules.checkup import Finding

from tests.asking import NOW, Asking
from tests.recordings import SHOP, replay
from vip_rules_woocommerce.checkup import checkup
from vip_rules_woocommerce.webhooks.subscriptions import Subscriptions
from vip_rules_woocommerce.webhooks.topics import TOPICS

UNKNOWN = f"orders/{2**53 - 1}"
URL = "https://hooks.vip.test/webhooks/atelier"


class Shop:
    """A shop in which all is well, but for what a test changes."""

    def __init__(self, answers: responses.RequestsMock, url: str = SHOP) -> None:
        self.answers = answers
        self.url = url
        self.date = NOW
        self.lists = 200
        self.environment: dict[str, Any] = {"version": "11.0.1", "wp_cron": False}
        self.options = {"woocommerce_currency": "USD", "woocommerce_enable_coupons": "yes"}
        self.hpos = True
        self.site: dict[str, Any] = {"timezone_string": "America/New_York"}
        self.refusal = "order-update-unknown"
        self.closed: set[str] = set()

    def json(self, path: str, body: Any) -> None:
        if path in self.closed:
            replay(self.answers, "error-no-auth", shop=self.url, path=path)
            return
        headers = {"Date": format_datetime(self.date, usegmt=True), "X-WP-TotalPages": "1"}
        address = f"{self.url}/wp-json/" if path == "site" else f"{self.url}/wp-json/wc/v3/{path}"
        self.answers.get(address, body=json.dumps(body), headers=headers, status=self.lists)

    def look(self, subscribed: bool = True, **options: Any) -> dict[str, Finding]:
        """The findings by their subjects."""
        for path in ("customers", "orders", "products", "coupons"):
            self.json(path, [])
        settings = {"HPOS_enabled": self.hpos}
        self.json("system_status", {"environment": self.environment, "settings": settings})
        self.json("settings/general", [{"id": name, "value": value} for name, value in self.options.items()])
        self.json("site", self.site)
        self.json(
            "webhooks",
            [
                {
                    "id": number,
                    "topic": topic,
                    "delivery_url": URL,
                    "status": "active",
                    "name": f"vip-rules: {topic} ({hmac.digest(b's', b'vip-rules', 'sha256').hex()[:6]})",
                }
                for number, topic in enumerate(TOPICS, 1)
            ],
        )
        replay(self.answers, self.refusal, shop=self.url, method="PUT", path=UNKNOWN)
        rest = Asking().rest(self.url, **options)
        found = list(
            checkup(
                rest,
                currency="USD",
                timezone=ZoneInfo("America/New_York"),
                clock=lambda: NOW,
                subscriptions=Subscriptions(rest, url=URL, secret="s") if subscribed else None,
            )
        )
        assert all(finding.remedy for finding in found if finding.state != "good")
        return {finding.subject: finding for finding in found}


@pytest.fixture
def answers() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as answers:
        yield answers


@pytest.fixture
def shop(answers: responses.RequestsMock) -> Shop:
    return Shop(answers)


def test_where_all_is_well_each_thing_is_said_to_be(shop: Shop) -> None:
    found = shop.look()
    assert {finding.state for finding in found.values()} == {"good"}
    assert list(found) == [
        "https",
        "access",
        "clock",
        "writing",
        "version",
        "background jobs",
        "currency",
        "coupons",
        "time zone",
        "webhooks",
    ]


def test_nothing_is_changed_in_the_shop(shop: Shop) -> None:
    shop.look()
    writes = [call.request for call in shop.answers.calls if call.request.method != "GET"]
    assert [(write.method, write.url, write.body) for write in writes] == [
        ("PUT", f"{SHOP}/wp-json/wc/v3/{UNKNOWN}", b"{}")
    ]


@pytest.mark.parametrize("path", ["customers", "orders", "products", "coupons"])
def test_what_cant_be_read_ends_the_check_with_what_to_do(shop: Shop, path: str) -> None:
    shop.closed.add(path)
    found = shop.look()
    assert list(found) == ["https", "access"]
    assert found["access"].state == "bad"
    assert found["access"].says.startswith(f"{path} can't be read")
    assert "the key is unknown or was revoked" in found["access"].says


def test_a_shop_that_cant_be_reached_is_a_finding(shop: Shop) -> None:
    shop.lists = 502
    assert "502" in shop.look()["access"].says


def test_a_key_that_may_only_read_is_found(shop: Shop) -> None:
    shop.refusal = "error-read-only-key-writes"
    found = shop.look()["writing"]
    assert found.state == "bad"
    assert "Read/Write" in found.says


@pytest.mark.parametrize("name", ["order-update-noop", "error-unknown-route"])
def test_any_other_answer_to_the_harmless_write_is_no_proof(shop: Shop, name: str) -> None:
    shop.refusal = name
    assert shop.look()["writing"].state == "bad"


def test_a_shop_without_https_is_found(answers: responses.RequestsMock) -> None:
    assert Shop(answers, "http://shop.test").look()["https"].state == "warning"


def test_unchecked_certificates_are_found(shop: Shop) -> None:
    assert shop.look(verify=False)["https"].state == "bad"


@pytest.mark.parametrize(
    ("url", "minutes", "state"),
    [
        (SHOP, 2, "warning"),
        (SHOP, -20, "warning"),
        ("http://shop.test", 20, "bad"),
        ("http://shop.test", 2, "warning"),
    ],
)
def test_clocks_that_differ_are_found(
    answers: responses.RequestsMock, url: str, minutes: int, state: str
) -> None:
    shop = Shop(answers, url)
    shop.date = NOW + timedelta(minutes=minutes)
    found = shop.look()["clock"]
    assert found.state == state
    assert f"{abs(minutes) * 60} seconds" in found.says


@pytest.mark.parametrize(
    ("version", "state", "words"),
    [
        ("5.7.2", "bad", "doesn't tell what has changed"),
        ("5.8.0", "good", "was tried with 11.0"),
        ("10.3.0-beta.1", "good", "WooCommerce 10.3"),
        ("11.0.9", "good", "WooCommerce 11.0"),
        ("", "warning", "which version"),
    ],
)
def test_versions_are_told_apart(shop: Shop, version: str, state: str, words: str) -> None:
    shop.environment["version"] = version
    found = shop.look()["version"]
    assert found.state == state
    assert words in found.says


def test_a_version_that_the_key_may_not_see_is_only_a_warning(shop: Shop) -> None:
    shop.closed.add("system_status")
    found = shop.look()
    assert found["version"].state == "warning"
    assert found["webhooks"].state == "good"


def test_orders_kept_the_old_way_and_jobs_that_wait_for_visitors_are_found(shop: Shop) -> None:
    shop.hpos = False
    shop.environment["wp_cron"] = True
    found = shop.look()
    assert (found["order storage"].state, found["background jobs"].state) == ("warning", "warning")


def test_another_currency_is_found(shop: Shop) -> None:
    shop.options["woocommerce_currency"] = "EUR"
    found = shop.look()["currency"]
    assert found.state == "bad"
    assert "EUR" in found.says


def test_coupons_that_are_switched_off_are_found(shop: Shop) -> None:
    shop.options["woocommerce_enable_coupons"] = "no"
    assert shop.look()["coupons"].state == "bad"


@pytest.mark.parametrize(
    ("name", "words"), [("Europe/Berlin", "Europe/Berlin"), ("", "only an offset"), (None, "only")]
)
def test_another_time_zone_is_found(shop: Shop, name: str | None, words: str) -> None:
    shop.site["timezone_string"] = name
    found = shop.look()["time zone"]
    assert found.state == "warning"
    assert words in found.says


def test_a_shop_that_nothing_was_subscribed_in_is_found(shop: Shop) -> None:
    assert shop.look(subscribed=False)["webhooks"].state == "warning"


@pytest.mark.parametrize(("path", "subject"), [("settings/general", "settings"), ("webhooks", "webhooks")])
def test_what_the_key_may_not_see_is_a_warning(shop: Shop, path: str, subject: str) -> None:
    shop.closed.add(path)
    assert shop.look()[subject].state == "warning"


def test_odd_answers_are_no_reason_to_fail(answers: responses.RequestsMock) -> None:
    shop = Shop(answers)
    shop.environment = {}
    shop.options = {}
    shop.site = {}
    shop.date = datetime(1, 1, 1, tzinfo=UTC)
    assert shop.look()["version"].state == "warning"
