"""The client: what it sends, waits for, tells and keeps to itself."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import responses
from vip_rules.adapter import PlatformFailed
from vip_rules.errors import UsageError

from vip_rules_shopify.admin.answers import Busy, Denial, Done, InDoubt, NotDone
from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.admin.documents import document
from vip_rules_shopify.admin.failures import AdminFailed
from vip_rules_shopify.admin.tokens import StaticToken

BASE = "https://atelier.myshopify.com"
URL = f"{BASE}/admin/api/2026-10/graphql.json"
SECRET = "shpat_secret"
CUSTOMER = "gid://shopify/Customer/1"
SHOP = {"shop": {"id": "gid://shopify/Shop/1"}}
TAGGED = {"tagsAdd": {"node": {"id": CUSTOMER}, "userErrors": []}}


class Time:
    """A clock that moves on when somebody sleeps."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, tzinfo=UTC)
        self.slept: list[float] = []

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


class Rotating:
    """Tokens "one", "two", "three" …"""

    def __init__(self) -> None:
        self.given = ["one"]

    def token(self) -> str:
        return self.given[-1]

    def refresh(self, stale: str) -> str:
        assert stale == self.given[-1]
        self.given.append(["one", "two", "three"][len(self.given)])
        return self.given[-1]


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def admin(time: Time) -> Iterator[Admin]:
    admin = made(time)
    yield admin
    admin.close()


@pytest.fixture
def shop() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(registry=responses.registries.OrderedRegistry) as mock:
        yield mock


def made(time: Time, tokens: Any = None, **options: Any) -> Admin:
    return Admin(
        BASE,
        tokens=tokens or StaticToken(SECRET),
        clock=time.clock,
        sleep=time.sleep,
        entropy=lambda count: b"\x80" + bytes(count - 1),
        **options,
    )


def answer(shop: responses.RequestsMock, data: Any, **extensions: Any) -> None:
    shop.post(URL, json={"data": data, "extensions": extensions})


def points(left: float, requested: float = 10) -> dict[str, Any]:
    status = {"maximumAvailable": 2000.0, "currentlyAvailable": left, "restoreRate": 100.0}
    return {"requestedQueryCost": requested, "actualQueryCost": None, "throttleStatus": status}


def throttled(shop: responses.RequestsMock, left: float, requested: float) -> None:
    error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    shop.post(URL, json={"errors": [error], "extensions": {"cost": points(left, requested)}})


def sent(shop: responses.RequestsMock) -> list[Any]:
    return [json.loads(call.request.body or b"") for call in shop.calls]


def test_a_query_sends_its_document_with_variables_and_token_and_gives_the_data(
    admin: Admin, shop: responses.RequestsMock
) -> None:
    answer(shop, {"customers": {"nodes": []}})
    variables = {"first": 50, "after": None, "email": False, "birthday": True, "language": False}
    assert admin.query("customers_page", **variables) == {"customers": {"nodes": []}}
    assert sent(shop) == [{"query": document("customers_page").text, "variables": variables}]
    headers = shop.calls[0].request.headers
    assert headers["X-Shopify-Access-Token"] == SECRET
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("vip-rules-shopify/")


def test_a_decimal_is_sent_as_a_number_of_the_same_digits(admin: Admin, shop: responses.RequestsMock) -> None:
    answer(shop, {"discountAutomaticBasicCreate": {"userErrors": []}})
    admin.mutate("automatic_basic_create", discount={"percentage": Decimal("0.125")})
    assert b'"percentage":0.125' in shop.calls[0].request.body  # type: ignore[operator]


def test_what_is_no_json_is_a_mistake_of_ours(admin: Admin) -> None:
    with pytest.raises(TypeError):
        admin.mutate("tags_add", id=CUSTOMER, tags={"vip-gold"})


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_query_is_asked_again_when_the_shop_fails(
    admin: Admin, shop: responses.RequestsMock, time: Time, status: int
) -> None:
    shop.post(URL, status=status)
    shop.post(URL, status=status)
    answer(shop, SHOP)
    assert admin.query("shop_info") == SHOP
    assert time.slept == [1.5, 2.5]


def test_a_query_is_not_asked_for_ever(admin: Admin, shop: responses.RequestsMock) -> None:
    for _ in range(4):
        shop.post(URL, status=502)
    with pytest.raises(AdminFailed, match=r"^atelier\.myshopify\.com answered 502.*tried 4 times"):
        admin.query("shop_info")


def test_a_throttled_query_waits_until_it_can_be_paid_for(
    admin: Admin, shop: responses.RequestsMock, time: Time
) -> None:
    throttled(shop, left=12, requested=252)
    answer(shop, SHOP)
    assert admin.query("shop_info") == SHOP
    assert sum(time.slept) == pytest.approx(3.5)


def test_a_query_waits_as_long_as_too_many_requests_say(
    admin: Admin, shop: responses.RequestsMock, time: Time
) -> None:
    shop.post(URL, status=429, headers={"Retry-After": "2.0"})
    answer(shop, SHOP)
    admin.query("shop_info")
    assert time.slept == [2.5]


def test_a_query_that_is_refused_fails_at_once_with_its_codes(
    admin: Admin, shop: responses.RequestsMock
) -> None:
    error = {"message": "Query cost is 1,200", "extensions": {"code": "MAX_COST_EXCEEDED"}}
    shop.post(URL, json={"errors": [error]})
    with pytest.raises(AdminFailed, match="Query cost is 1,200") as failed:
        admin.query("orders_page", first=250)
    assert failed.value.codes == {"MAX_COST_EXCEEDED"}


def test_a_search_that_shopify_does_not_understand_is_an_error(
    admin: Admin, shop: responses.RequestsMock
) -> None:
    warning = {"field": "updatd_at", "message": "Invalid search field for this query."}
    answer(shop, {"customers": {}}, search=[{"path": ["customers"], "warnings": [warning]}])
    with pytest.raises(AdminFailed, match="updatd_at: Invalid search field") as failed:
        admin.query("customers_page", first=1, query="updatd_at:>2026")
    assert failed.value.codes == {"SEARCH_WARNING"}


def denied(shop: responses.RequestsMock) -> dict[str, Any]:
    data = {"shop": {"id": "1"}, "currentAppInstallation": None}
    error = {
        "message": "Access denied",
        "path": ["currentAppInstallation"],
        "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_all_orders`"},
    }
    shop.post(URL, json={"data": data, "errors": [error]})
    return data


def test_a_missing_scope_fails_a_query(admin: Admin, shop: responses.RequestsMock) -> None:
    denied(shop)
    with pytest.raises(AdminFailed, match="`read_all_orders`"):
        admin.query("shop_info")


def test_what_is_allowed_can_be_had_without_the_rest(admin: Admin, shop: responses.RequestsMock) -> None:
    data = denied(shop)
    allowed = admin.query_allowed("shop_info")
    assert allowed.data == data
    assert allowed.denied == (Denial("currentAppInstallation", "`read_all_orders`"),)


def test_what_fails_for_another_reason_is_not_taken_for_denied(
    admin: Admin, shop: responses.RequestsMock
) -> None:
    shop.post(URL, status=403)
    with pytest.raises(AdminFailed, match="403"):
        admin.query_allowed("shop_info")


def test_a_mutation_is_not_asked_again_and_again(admin: Admin) -> None:
    with pytest.raises(ValueError, match="tags_add is a mutation"):
        admin.query("tags_add", id=CUSTOMER, tags=["vip-gold"])


def test_a_mutation_is_done(admin: Admin, shop: responses.RequestsMock) -> None:
    answer(shop, TAGGED)
    assert admin.mutate("tags_add", id=CUSTOMER, tags=["vip-gold"]) == Done(TAGGED)


def test_a_variable_may_have_any_name(admin: Admin, shop: responses.RequestsMock) -> None:
    answer(shop, {"segmentCreate": {"segment": {"id": "gid://shopify/Segment/1"}, "userErrors": []}})
    admin.mutate("segment_create", name="Gold VIP", query="customer_tags CONTAINS 'vip-gold'")
    [request] = sent(shop)
    assert request["variables"]["name"] == "Gold VIP"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_mutation_is_sent_once_and_left_in_doubt(
    admin: Admin, shop: responses.RequestsMock, time: Time, status: int
) -> None:
    shop.post(URL, status=status)
    assert isinstance(admin.mutate("tags_add", id=CUSTOMER, tags=["vip-gold"]), InDoubt)
    assert time.slept == []


def test_a_mutation_of_which_nothing_is_told_is_in_doubt(admin: Admin, shop: responses.RequestsMock) -> None:
    answer(shop, {"tagsAdd": None})
    assert isinstance(admin.mutate("tags_add", id=CUSTOMER, tags=["vip-gold"]), InDoubt)


def test_a_throttled_mutation_is_busy_until_it_can_be_paid_for(
    admin: Admin, shop: responses.RequestsMock
) -> None:
    throttled(shop, left=12, requested=252)
    outcome = admin.mutate("tags_add", id=CUSTOMER, tags=["vip-gold"])
    assert isinstance(outcome, Busy)
    assert outcome.seconds == 3


def test_a_throttled_mutation_is_busy_for_a_second_at_least(
    admin: Admin, shop: responses.RequestsMock
) -> None:
    shop.post(URL, json={"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]})
    assert isinstance(outcome := admin.mutate("tags_add", id=CUSTOMER, tags=[]), Busy)
    assert outcome.seconds >= 1


def test_a_mutation_waits_for_its_turn(admin: Admin, shop: responses.RequestsMock, time: Time) -> None:
    answer(shop, TAGGED, cost=points(left=0))
    answer(shop, TAGGED, cost=points(left=10))
    answer(shop, TAGGED, cost=points(left=10))
    for _ in range(3):
        admin.mutate("tags_add", id=CUSTOMER, tags=["vip-gold"])
    assert time.slept == [pytest.approx(0.1)]


def test_mutations_go_out_at_the_rate_of_the_bucket_and_are_never_throttled(admin: Admin, time: Time) -> None:
    began = time.now
    left: list[Any] = [500.0, began]

    def charge(request: Any) -> tuple[int, dict[str, str], str]:
        level, since = left
        level = min(500, level + (time.now - since).total_seconds() * 100) - 10
        assert level >= -0.01, "it would have been throttled"
        left[:] = [level, time.now]
        status = {"maximumAvailable": 500.0, "currentlyAvailable": level, "restoreRate": 100.0}
        cost = {"requestedQueryCost": 10, "throttleStatus": status}
        return 200, {}, json.dumps({"data": TAGGED, "extensions": {"cost": cost}})

    with responses.RequestsMock() as shop:
        shop.add_callback(responses.POST, URL, charge)
        for _ in range(400):
            assert admin.mutate("tags_add", id=CUSTOMER, tags=["vip-gold"]) == Done(TAGGED)
    assert (time.now - began).total_seconds() == pytest.approx((400 * 10 - 500) / 100, abs=0.1)


def test_a_refused_token_is_renewed_once_and_the_request_sent_again(
    shop: responses.RequestsMock, time: Time
) -> None:
    shop.post(URL, status=401)
    answer(shop, TAGGED)
    assert made(time, Rotating()).mutate("tags_add", id=CUSTOMER, tags=[]) == Done(TAGGED)
    assert [call.request.headers["X-Shopify-Access-Token"] for call in shop.calls] == ["one", "two"]


def test_a_token_that_is_refused_twice_is_not_renewed_again(shop: responses.RequestsMock, time: Time) -> None:
    shop.post(URL, status=401)
    shop.post(URL, status=401)
    outcome = made(time, Rotating()).mutate("tags_add", id=CUSTOMER, tags=[])
    assert isinstance(outcome, Busy)
    assert "401" in outcome.reason


@pytest.mark.parametrize("status", [301, 402, 403, 404, 423])
def test_a_shop_that_cannot_be_used_refuses_no_effect(
    admin: Admin, shop: responses.RequestsMock, status: int
) -> None:
    shop.post(URL, status=status, headers={"Location": "https://elsewhere.example"})
    assert isinstance(admin.mutate("tags_add", id=CUSTOMER, tags=[]), Busy)


def test_without_a_token_nothing_is_sent_and_no_mutation_raises(
    shop: responses.RequestsMock, time: Time
) -> None:
    class Broken:
        def token(self) -> str:
            raise PlatformFailed("there is no token")

        def refresh(self, stale: str) -> str:
            raise PlatformFailed("there is no token")

    admin = made(time, Broken())
    assert admin.mutate("tags_add", id=CUSTOMER, tags=[]) == Busy(60, "there is no token")
    with pytest.raises(PlatformFailed, match="there is no token"):
        admin.query("shop_info")


def test_a_wrong_input_is_not_done(admin: Admin, shop: responses.RequestsMock) -> None:
    answer(
        shop, {"tagsAdd": {"node": None, "userErrors": [{"field": ["id"], "message": "Customer is gone"}]}}
    )
    outcome = admin.mutate("tags_add", id=CUSTOMER, tags=[])
    assert isinstance(outcome, NotDone)
    assert outcome.reason == "id: Customer is gone"


def test_another_version_than_asked_for_is_noted_once(admin: Admin, shop: responses.RequestsMock) -> None:
    for _ in range(2):
        shop.post(URL, json={"data": SHOP}, headers={"X-Shopify-API-Version": "2027-10"})
        admin.query("shop_info")
    [note] = admin.notes
    assert "2027-10" in note
    assert "2026-10" in note


def test_the_version_asked_for_is_nothing_to_note(admin: Admin, shop: responses.RequestsMock) -> None:
    shop.post(URL, json={"data": SHOP}, headers={"X-Shopify-API-Version": "2026-10"})
    admin.query("shop_info")
    assert admin.notes == ()


def test_another_version_can_be_asked_for(shop: responses.RequestsMock, time: Time) -> None:
    shop.post(f"{BASE}/admin/api/2027-01/graphql.json", json={"data": SHOP})
    assert made(time, version="2027-01").query("shop_info") == SHOP


@pytest.mark.parametrize(
    "base",
    [
        "http://atelier.myshopify.com",
        "ftp://atelier.myshopify.com",
        "atelier.myshopify.com",
        "https://",
        "https://atelier.myshopify.com/admin",
        "https://user:password@atelier.myshopify.com",
        "https://atelier.myshopify.com:99999",
        "https://[",
    ],
)
def test_tokens_are_sent_to_no_other_kind_of_address(base: str, time: Time) -> None:
    with pytest.raises(UsageError, match=r"expected https://") as refused:
        Admin(base, tokens=StaticToken(SECRET), clock=time.clock, sleep=time.sleep, entropy=bytes)
    assert "password" not in str(refused.value)


def test_nothing_tells_the_token(admin: Admin, shop: responses.RequestsMock) -> None:
    shop.post(URL, status=403, body=f"you sent {SECRET}")
    with pytest.raises(AdminFailed) as failed:
        admin.query("shop_info")
    told = "".join(traceback.format_exception(failed.value)) + repr(admin) + repr(vars(failed.value))
    assert SECRET not in told
    assert failed.value.__context__ is None
    assert repr(admin) == "Admin('https://atelier.myshopify.com', version='2026-10')"
