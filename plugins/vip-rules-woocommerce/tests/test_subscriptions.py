"""The webhooks that a shop has for us."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import responses
from requests import PreparedRequest
from vip_rules.adapter import PlatformFailed

from tests.asking import Asking
from tests.recordings import SHOP, recording
from vip_rules_woocommerce.webhooks.subscriptions import InvalidAddress, Subscriptions
from vip_rules_woocommerce.webhooks.topics import TOPICS

URL = "https://hooks.vip.test/webhooks/atelier"
SECRET = "cs_canary-of-webhooks"
MARK = hmac.digest(SECRET.encode(), b"vip-rules", "sha256").hex()[:6]


class Shop:
    """The webhooks of a shop: secrets are kept but never told, and nothing is unique."""

    def __init__(self) -> None:
        self.held: dict[int, dict[str, Any]] = {}
        self.secrets: dict[int, str] = {}
        self.writes: list[tuple[str, int]] = []
        self.fail: dict[str, int] = {}
        self.writes_addresses: Callable[[str], str] = str

    def add(self, topic: str, url: str = URL, status: str = "active", name: str | None = None) -> int:
        name = f"vip-rules: {topic} ({MARK})" if name is None else name
        number = len(self.held) + len(self.writes) + 1
        self.held[number] = {
            "id": number,
            "topic": topic,
            "delivery_url": url,
            "status": status,
            "name": name,
        }
        self.secrets[number] = ""
        return number

    def add_all(self) -> list[int]:
        return [self.add(topic) for topic in TOPICS]

    def __call__(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        method = str(request.method)
        if method in self.fail:
            return self.fail[method], {}, json.dumps({"code": "woocommerce_rest_no", "message": "No."})
        path, _, _ = str(request.url).partition("?")
        number = int(path.rpartition("/")[2]) if not path.endswith("/webhooks") else 0
        body = json.loads(request.body or "{}")
        if method == "GET":
            parameters: dict[str, str] = request.params  # type: ignore[attr-defined]  # responses adds it
            assert (parameters["orderby"], parameters["order"]) == ("id", "asc")
            rows = list(self.held.values())
            return 200, {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": "1"}, json.dumps(rows)
        if method == "POST":
            number = self.add(body["topic"], self.writes_addresses(body["delivery_url"]), name=body["name"])
        self.writes.append((method, number))
        if method == "DELETE":
            assert request.params == {"force": "true"}  # type: ignore[attr-defined]
            return 200, {}, json.dumps(self.held.pop(number))
        self.secrets[number] = body.get("secret", self.secrets[number])
        kept = {name: value for name, value in body.items() if name not in ("secret", "delivery_url")}
        self.held[number] |= kept
        return 200, {}, json.dumps(self.held[number])


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as answers:
        for method in ("GET", "POST"):
            answers.add_callback(method, f"{SHOP}/wp-json/wc/v3/webhooks", callback=shop)
        for number in range(1, 60):
            for method in ("PUT", "DELETE"):
                answers.add_callback(method, f"{SHOP}/wp-json/wc/v3/webhooks/{number}", callback=shop)
        yield shop


@pytest.fixture
def subscriptions(shop: Shop) -> Subscriptions:
    return Subscriptions(Asking().rest(), url=URL, secret=SECRET)


def test_a_new_shop_is_subscribed_to_every_topic(shop: Shop, subscriptions: Subscriptions) -> None:
    said = list(subscriptions.repair())
    assert [one["topic"] for one in shop.held.values()] == list(TOPICS)
    assert {one["delivery_url"] for one in shop.held.values()} == {URL}
    assert set(shop.secrets.values()) == {SECRET}
    assert len(said) == len(TOPICS)
    assert "canary" not in "".join(said)


def test_where_all_is_well_nothing_is_done(shop: Shop, subscriptions: Subscriptions) -> None:
    shop.add_all()
    assert list(subscriptions.repair()) == []
    assert shop.writes == []


def test_what_the_shop_sends_of_a_webhook_is_understood(shop: Shop, subscriptions: Subscriptions) -> None:
    told = recording("webhook-get-auto-disabled").body
    shop.add_all()
    shop.held[2] = {**told, "id": 2, "topic": TOPICS[1], "delivery_url": URL}
    assert ["switched off" in one for one in subscriptions.repair()] == [True]


def test_a_webhook_that_was_switched_off_is_switched_on_and_the_gap_is_told(
    shop: Shop, subscriptions: Subscriptions
) -> None:
    shop.add_all()
    shop.held[4]["status"] = "disabled"
    (said,) = subscriptions.repair()
    assert f"the webhook for {TOPICS[3]}" in said
    assert "vip-rules sync --full" in said
    assert shop.writes == [("PUT", 4)]
    assert (shop.held[4]["status"], shop.secrets[4]) == ("active", SECRET)


def test_what_somebody_paused_stays_paused(shop: Shop, subscriptions: Subscriptions) -> None:
    shop.add_all()
    shop.held[4]["status"] = "paused"
    assert list(subscriptions.repair()) == []


def test_of_doubles_the_one_that_works_is_kept(shop: Shop, subscriptions: Subscriptions) -> None:
    shop.add_all()
    shop.held[3]["status"] = "disabled"
    working = shop.add(TOPICS[2])
    later = shop.add(TOPICS[2])
    assert len(list(subscriptions.repair())) == 2
    assert working in shop.held
    assert not {3, later} & set(shop.held)
    assert shop.held[working]["status"] == "active"


def test_the_webhooks_of_others_are_never_touched(shop: Shop, subscriptions: Subscriptions) -> None:
    elsewhere = [
        shop.add(TOPICS[0], url="https://erp.test/hook", status="disabled"),
        shop.add(TOPICS[0], url=f"{URL}2"),
        shop.add(TOPICS[0], url="https://other.test/webhooks/atelier", name=f"vip-rules: {TOPICS[0]}"),
    ]
    before = {number: dict(shop.held[number]) for number in elsewhere}
    list(subscriptions.repair())
    list(subscriptions.rotate())
    assert {number: shop.held[number] for number in elsewhere} == before
    assert not set(elsewhere) & {number for _, number in shop.writes}


def test_a_changed_secret_is_noticed_and_written(shop: Shop, subscriptions: Subscriptions) -> None:
    shop.add_all()
    shop.held[2]["name"] = f"vip-rules: {TOPICS[1]} (000000)"
    shop.held[3] |= {"name": "by hand", "status": "paused"}
    assert len(list(subscriptions.findings())) == 2
    assert len(list(subscriptions.repair())) == 2
    assert [number for number, secret in shop.secrets.items() if secret == SECRET] == [2, 3]
    assert shop.held[3]["status"] == "paused"
    assert list(subscriptions.repair()) == []


def test_a_secret_that_was_changed_in_the_shop_is_written_anew(
    shop: Shop, subscriptions: Subscriptions
) -> None:
    shop.add_all()
    shop.held[2]["status"] = "paused"
    other = shop.add(TOPICS[0], url="https://erp.test/hook")
    assert len(list(subscriptions.rotate())) == len(TOPICS)
    assert {number for number, secret in shop.secrets.items() if secret == SECRET} == set(shop.held) - {other}
    assert shop.held[2]["status"] == "paused"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("status", [401, 504])
def test_a_shop_that_fails_is_told_with_what_was_tried(
    shop: Shop, subscriptions: Subscriptions, method: str, status: int
) -> None:
    shop.add_all()
    shop.held[1]["status"] = "disabled"
    shop.add(TOPICS[0])
    shop.held[12]["status"] = "disabled"
    del shop.held[5]
    shop.fail[method] = status
    with pytest.raises(PlatformFailed) as failed:
        list(subscriptions.repair())
    assert "canary" not in str(failed.value)


def test_a_subscription_in_doubt_isnt_doubled(shop: Shop, subscriptions: Subscriptions) -> None:
    shop.fail["POST"] = 504
    with pytest.raises(PlatformFailed, match=f"subscribing to {TOPICS[0]}"):
        list(subscriptions.repair())
    shop.fail.clear()
    shop.add(TOPICS[0])  # the lost request had been carried out
    list(subscriptions.repair())
    assert [one["topic"] for one in shop.held.values()] == list(TOPICS)


def test_an_address_that_the_shop_escapes_is_known_again(shop: Shop, subscriptions: Subscriptions) -> None:
    shop.writes_addresses = lambda url: url.replace("/", "&#47;")
    assert len(list(subscriptions.repair())) == len(TOPICS)
    assert list(subscriptions.repair()) == []


def test_an_address_that_the_shop_changes_doesnt_heap_up_webhooks(
    shop: Shop, subscriptions: Subscriptions
) -> None:
    shop.writes_addresses = str.upper
    with pytest.raises(PlatformFailed, match="in another way"):
        list(subscriptions.repair())
    assert shop.held == {}


@pytest.mark.parametrize(
    "url", ["", "hooks.vip.test", "ftp://hooks.vip.test", "https://", "https://[", "https://x:99999"]
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidAddress, match="webhook_url"):
        Subscriptions(Asking().rest(), url=url, secret=SECRET)


def findings(subscriptions: Subscriptions) -> list[tuple[str, str]]:
    return [(finding.state, finding.says) for finding in subscriptions.findings()]


def test_webhooks_that_are_well_are_good(shop: Shop, subscriptions: Subscriptions) -> None:
    shop.add_all()
    assert findings(subscriptions) == [("good", f"all {len(TOPICS)} webhooks deliver to hooks.vip.test")]


def test_each_thing_that_is_wrong_is_found_with_a_remedy(shop: Shop, subscriptions: Subscriptions) -> None:
    shop.add_all()
    del shop.held[1]
    shop.held[2]["status"] = "disabled"
    shop.held[3]["status"] = "paused"
    shop.add(TOPICS[3])
    shop.held[5]["name"] = "by hand"
    found = list(subscriptions.findings())
    for finding, topic, words in zip(
        found,
        TOPICS,
        ("no webhook of ours", "switched off", "paused", "more than one", "the present secret"),
        strict=False,
    ):
        assert words in finding.says
        assert topic in finding.says
        assert (finding.state, bool(finding.remedy)) == ("warning", True)
    assert len(found) == 5
    assert shop.writes == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:8080/webhooks/a", "a private network"),
        ("https://10.1.2.3/webhooks/a", "a private network"),
        ("https://[::1]/webhooks/a", "a private network"),
        ("https://localhost/webhooks/a", "a private network"),
        ("https://hooks.vip.test:8443/a", "port 8443"),
        ("http://hooks.vip.test/a", "without encryption"),
    ],
)
def test_an_address_that_shops_dont_deliver_to_is_found(shop: Shop, url: str, words: str) -> None:
    found = list(Subscriptions(Asking().rest(), url=url, secret=SECRET).findings())
    assert words in found[0].says
    assert found[0].remedy
