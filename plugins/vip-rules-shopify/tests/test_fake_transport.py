"""The fake shop keeps to Shopify's protocol: tokens, versions, cost, and what goes wrong on the way."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from vip_rules.testing.clock import StoppedClock
from vip_rules.testing.examples import CUSTOMERS

from tests.shop import FakeShopify, Fault
from tests.shop.asking import ask, codes, data, post
from tests.shop.executor import FakeLacks
from tests.shop.schema import schema_file

NAME = "query Name { shop { name } }"
TAG = """mutation Tag {
  tagsAdd(id: "gid://shopify/Customer/1", tags: ["vip-gold"]) { node { id } userErrors { message } }
}"""
CREDIT = """mutation ($credit: StoreCreditAccountCreditInput!) {
  storeCreditAccountCredit(id: "gid://shopify/Customer/1", creditInput: $credit) { userErrors { code } }
}"""


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 11, 20, 12, tzinfo=UTC))


@pytest.fixture
def shop(clock: StoppedClock) -> Iterator[FakeShopify]:
    with FakeShopify(clock) as shop:
        shop.put_customer(CUSTOMERS[0])
        yield shop


def test_nobody_gets_in_without_a_good_token(shop: FakeShopify) -> None:
    shop.tokens.revoke(shop.token)
    assert post(shop, NAME).status_code == 401


def test_a_retired_version_falls_forward_and_says_so(shop: FakeShopify) -> None:
    assert post(shop, NAME).headers["X-Shopify-API-Version"] == "2026-10"
    shop.served_version = "2027-01"
    assert post(shop, NAME).headers["X-Shopify-API-Version"] == "2027-01"


def test_an_empty_bucket_throttles_with_status_200_until_it_has_filled(
    shop: FakeShopify, clock: StoppedClock
) -> None:
    shop.bucket.left = 5
    answer = post(shop, TAG)
    assert answer.status_code == 200
    content = answer.json()
    assert (codes(content), "data" in content) == (["THROTTLED"], False)
    assert content["extensions"]["cost"]["requestedQueryCost"] == 10
    assert content["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 5
    assert "vip-gold" not in shop.customers[1].tags
    clock.advance(seconds=1)
    assert data(shop, TAG)
    assert shop.bucket.left == 95


def test_what_costs_too_much_is_refused_whatever_the_bucket_holds(shop: FakeShopify) -> None:
    shop.bucket.resize(20_000, 2000)
    lines = "lineItems(first: 250) { nodes { product { id } variant { id product { id } } } }"
    deep = f"{{ orders(first: 250) {{ nodes {{ {lines} }} }} }}"
    assert codes(ask(shop, deep)) == ["MAX_COST_EXCEEDED"]
    shop.costs["Name"] = 1001
    assert codes(ask(shop, NAME)) == ["MAX_COST_EXCEEDED"]


def test_a_missing_scope_empties_its_field_and_leaves_the_rest(shop: FakeShopify) -> None:
    shop.scopes -= {"write_customers"}
    content = ask(shop, "{ shop { name } customers(first: 1) { nodes { id } } }")
    assert codes(content) == ["ACCESS_DENIED"]
    assert content["data"] == {"shop": {"name": "VIP test"}, "customers": None}
    assert codes(ask(shop, TAG)) == ["ACCESS_DENIED"]
    assert shop.customers[1].tags == ["newsletter"]


@pytest.mark.skipif(schema_file() is None, reason="Shopify's schema isn't there")
@pytest.mark.parametrize(
    ("document", "variables"),
    [("{ shop { nme } }", {}), (CREDIT, {"credit": {"creditAmount": {"amount": "1.00"}}})],
)
def test_what_shopify_would_not_understand_is_refused(
    shop: FakeShopify, document: str, variables: dict[str, object]
) -> None:
    content = ask(shop, document, **variables)
    assert "data" not in content
    assert codes(content)


def test_what_the_fake_does_not_know_fails_the_test() -> None:
    with pytest.raises(FakeLacks, match="locations"), FakeShopify() as shop:
        assert post(shop, "{ locations(first: 1) { nodes { id } } }").status_code == 500


@pytest.mark.parametrize(
    ("fault", "done"),
    [
        (Fault.LOST_ANSWER, True),
        (Fault.LOST_REQUEST, False),
        (Fault.HALF_ANSWER, True),
        (Fault.WRONG_JSON, True),
    ],
)
def test_answers_that_cannot_be_read_may_have_done_the_work(
    shop: FakeShopify, fault: Fault, done: bool
) -> None:
    shop.faults.add(fault, when=lambda call: call.operation == "Tag", times=1)
    with pytest.raises(requests.RequestException):
        ask(shop, TAG)
    assert ("vip-gold" in shop.customers[1].tags) == done
    assert data(shop, TAG)
    assert shop.count("Tag") == 2


@pytest.mark.parametrize(
    ("fault", "status", "code", "done"),
    [
        (Fault.HTTP_503, 503, None, False),
        (Fault.HTTP_502_DONE, 502, None, True),
        (Fault.THROTTLED, 200, "THROTTLED", False),
        (Fault.INTERNAL_ERROR, 200, "INTERNAL_SERVER_ERROR", False),
        (Fault.INTERNAL_ERROR_DONE, 200, "INTERNAL_SERVER_ERROR", True),
    ],
)
def test_failures_are_told_as_shopify_tells_them(
    shop: FakeShopify, fault: Fault, status: int, code: str | None, done: bool
) -> None:
    shop.faults.add(fault, calls=[1])
    answer = post(shop, TAG)
    assert answer.status_code == status
    assert code is None or codes(answer.json()) == [code]
    assert ("vip-gold" in shop.customers[1].tags) == done


def test_a_user_error_does_nothing_and_stands_in_the_payload(shop: FakeShopify) -> None:
    shop.faults.add(Fault.USER_ERROR, message="Nobody may do that")
    assert data(shop, NAME)
    payload = data(shop, TAG)["tagsAdd"]
    assert payload == {"node": None, "userErrors": [{"message": "Nobody may do that"}]}
    assert shop.customers[1].tags == ["newsletter"]


def test_too_many_requests_come_with_a_decimal_of_seconds(shop: FakeShopify) -> None:
    shop.faults.add(Fault.TOO_MANY_REQUESTS, seconds=1.5, times=1)
    answer = post(shop, NAME)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1.5")


def grant(shop: FakeShopify, **form: str) -> requests.Response:
    client = {"client_id": shop.tokens.client_id, "client_secret": shop.tokens.client_secret}
    return requests.post(f"{shop.url}/admin/oauth/access_token", data=client | form, timeout=10)


def test_client_credentials_give_a_token_for_a_day(shop: FakeShopify, clock: StoppedClock) -> None:
    given = grant(shop, grant_type="client_credentials").json()
    assert given["expires_in"] == 86_399
    assert shop.tokens.good(given["access_token"])
    clock.advance(seconds=86_400)
    assert not shop.tokens.good(given["access_token"])
    assert grant(shop, grant_type="client_credentials", client_secret="wrong").status_code == 401


def test_a_used_refresh_token_is_good_until_its_successor_is_used(shop: FakeShopify) -> None:
    _, first = shop.tokens.issue_refresh()
    second = grant(shop, grant_type="refresh_token", refresh_token=first).json()["refresh_token"]
    again = grant(shop, grant_type="refresh_token", refresh_token=first).json()["refresh_token"]
    assert grant(shop, grant_type="refresh_token", refresh_token=second).status_code == 400
    assert grant(shop, grant_type="refresh_token", refresh_token=again).status_code == 200
    assert grant(shop, grant_type="refresh_token", refresh_token=first).status_code == 400


def test_a_client_that_is_killed_leaves_the_shop_as_it_is(shop: FakeShopify) -> None:
    shop.faults.add(Fault.SLOW, calls=[1], seconds=0.2)
    script = (
        "import sys, urllib.request as u\n"
        "u.urlopen(u.Request(sys.argv[1], sys.argv[3].encode(), {'X-Shopify-Access-Token': sys.argv[2]}))"
    )
    body = json.dumps({"query": TAG})
    url = f"{shop.url}/admin/api/2026-10/graphql.json"
    client = subprocess.Popen([sys.executable, "-c", script, url, shop.token, body])
    while "vip-gold" not in shop.customers[1].tags:
        time.sleep(0.01)
    client.kill()
    client.wait()
    assert data(shop, NAME) == {"shop": {"name": "VIP test"}}
