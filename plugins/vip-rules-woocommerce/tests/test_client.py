from __future__ import annotations

import json
from typing import Any

import pytest
import responses
from requests import PreparedRequest
from requests.exceptions import ConnectionError as BrokenOff
from responses.matchers import query_param_matcher
from vip_rules.adapter import PlatformFailed, Stopping

from tests.asking import KEY, SECRET, Asking
from tests.recordings import SHOP, recording, replay
from vip_rules_woocommerce.rest.client import Absent, Busy, Done, InDoubt, NotDone, Rest

API = f"{SHOP}/wp-json/wc/v3"


@pytest.fixture
def asking() -> Asking:
    return Asking()


@pytest.fixture
def rest(asking: Asking) -> Rest:
    return asking.rest()


def answers(method: str, path: str, *statuses: int | Exception, body: Any = None) -> None:
    """Answer with one status after the other; those that are good have the body."""
    for status in statuses:
        if isinstance(status, Exception):
            responses.add(method, f"{API}/{path}", body=status)
        else:
            responses.add(
                method,
                f"{API}/{path}",
                status=status,
                body=json.dumps(body or {"id": 1}) if status == 200 else "",
            )


class Lists:
    """A list of the API, whose rows may change between pages."""

    def __init__(self, *rows: int, headers: bool = True) -> None:
        self.rows = list(rows)
        self.headers = headers
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        asked: dict[str, str] = request.params  # type: ignore[attr-defined]  # responses adds it
        self.asked.append(asked)
        page, size = int(asked["page"]), int(asked["per_page"])
        part = self.rows[(page - 1) * size : page * size]
        total = len(self.rows) if part else 0  # as orders do it
        headers = {"X-WP-Total": str(total), "X-WP-TotalPages": str(-(-total // size))}
        return 200, headers if self.headers else {}, json.dumps([{"id": row} for row in part])


def listed(rest: Rest, lists: Lists, path: str = "orders", **parameters: Any) -> list[list[int]]:
    responses.add_callback("GET", f"{API}/{path}", callback=lists)
    return [[row["id"] for row in page] for page in rest.pages(path, **parameters)]


@responses.activate
def test_a_read_gives_what_the_shop_says_with_exact_numbers(rest: Rest) -> None:
    replay(responses.mock, "customer-get")
    assert rest.get("customers/8") == recording("customer-get").body


@responses.activate
def test_we_say_who_we_are_and_what_we_want(rest: Rest) -> None:
    replay(responses.mock, "customer-get")
    rest.get("customers/8")
    headers = responses.calls[0].request.headers
    assert headers["User-Agent"].startswith("vip-rules-woocommerce/")
    assert headers["Accept"] == headers["Content-Type"] == "application/json"


@responses.activate
def test_an_unknown_id_is_absent(rest: Rest) -> None:
    replay(responses.mock, "customer-get-unknown")
    with pytest.raises(Absent, match="Invalid user ID"):
        rest.get("customers/999999")
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize("name", ["error-no-auth", "error-write-only-key-reads", "error-unknown-route"])
def test_a_refused_read_fails_at_once_and_isnt_absent(rest: Rest, name: str) -> None:
    replay(responses.mock, name)
    with pytest.raises(PlatformFailed) as failed:
        rest.get(recording(name).path.removeprefix("/wp-json/wc/v3/"))
    assert not isinstance(failed.value, Absent)
    assert len(responses.calls) == 1


@responses.activate
def test_a_read_is_tried_again_ever_more_slowly(asking: Asking) -> None:
    answers("GET", "orders/1", 502, BrokenOff(), 500, 200)
    assert asking.rest().get("orders/1") == {"id": 1}
    assert [int(seconds) for seconds in asking.slept] == [1, 2, 4]


@responses.activate
def test_a_read_isnt_tried_for_ever(asking: Asking) -> None:
    answers("GET", "orders/1", 502)
    with pytest.raises(PlatformFailed, match="tried 5 times"):
        asking.rest().get("orders/1")
    assert len(responses.calls) == 5
    assert sum(asking.slept) < 20


@responses.activate
def test_a_busy_shop_is_asked_again_when_it_says(asking: Asking) -> None:
    responses.get(f"{API}/orders/1", status=429, headers={"Retry-After": "17"})
    responses.get(f"{API}/orders/1", json={"id": 1})
    asking.rest().get("orders/1")
    assert asking.slept == [17]


@responses.activate
def test_nobody_waits_ten_minutes_for_a_read(asking: Asking) -> None:
    responses.get(f"{API}/orders/1", status=503, headers={"Retry-After": "600"})
    with pytest.raises(PlatformFailed, match="maintenance"):
        asking.rest().get("orders/1")
    assert asking.slept == []


@responses.activate
def test_parameters_are_written_as_woocommerce_reads_them(rest: Rest) -> None:
    wanted = {"force": "true", "include": "3,1", "search": "a+b c&d", "page": "2"}
    responses.get(f"{API}/orders", json=[], match=[query_param_matcher(wanted)])
    assert rest.get("orders", force=True, include=[3, 1], search="a+b c&d", page=2, status=None) == []


@pytest.mark.parametrize("path", ["", "orders//1", "orders/../settings", "orders/."])
def test_paths_that_lead_elsewhere_arent_asked(rest: Rest, path: str) -> None:
    with pytest.raises(ValueError, match="no path of the API"):
        rest.get(path)


@responses.activate
def test_an_odd_id_stays_one_part_of_the_path(rest: Rest) -> None:
    responses.get(f"{API}/orders/1%3Fforce%3Dtrue", json={})
    assert rest.get("orders/1?force=true") == {}


@responses.activate
def test_the_recorded_lists_are_read_to_their_end(rest: Rest) -> None:
    first, second = recording("customers-list-page1"), recording("customers-list-page2")
    size = int(first.query["per_page"])
    for number, name in enumerate(("customers-list-page1", "customers-list-page2"), 1):
        held = recording(name)
        responses.get(
            f"{API}/customers",
            body=held.text,
            headers={"X-WP-Total": str(2 * size), "X-WP-TotalPages": "2"},
            match=[query_param_matcher({"page": str(number)}, strict_match=False)],
        )
    responses.get(f"{API}/customers", json=[], match=[query_param_matcher({"page": "3"}, strict_match=False)])
    pages = list(rest.pages("customers", per_page=size))
    assert pages == [first.body, second.body]


@responses.activate
@pytest.mark.parametrize(
    ("rows", "sizes"),
    [(0, []), (1, [1]), (99, [99]), (100, [100]), (101, [100, 1]), (250, [100, 100, 50])],
)
@pytest.mark.parametrize("headers", [True, False])
def test_pages_hold_every_row_once(rest: Rest, rows: int, sizes: list[int], headers: bool) -> None:
    pages = listed(rest, Lists(*range(rows), headers=headers))
    assert [len(page) for page in pages] == sizes
    assert [row for page in pages for row in page] == list(range(rows))


@responses.activate
def test_an_empty_list_takes_one_request(rest: Rest) -> None:
    lists = Lists()
    listed(rest, lists, modified_after="2026-11-21T22:00:00", dates_are_gmt=True)
    assert lists.asked == [
        {"per_page": "100", "page": "1", "modified_after": "2026-11-21T22:00:00", "dates_are_gmt": "true"}
    ]


@responses.activate
def test_customers_are_read_in_the_order_that_leaves_nobody_out(rest: Rest) -> None:
    lists = Lists(1)
    listed(rest, lists, "customers", role="all")
    assert lists.asked == [{"orderby": "id", "order": "asc", "per_page": "100", "page": "1", "role": "all"}]


@responses.activate
def test_rows_added_meanwhile_are_read_too(rest: Rest) -> None:
    lists = Lists(*range(100))
    responses.add_callback("GET", f"{API}/orders", callback=lists)
    read = []
    for page in rest.pages("orders"):
        read += [row["id"] for row in page]
        lists.rows = list(range(150))
    assert read == list(range(150))


@responses.activate
def test_a_short_page_in_the_middle_isnt_the_end(rest: Rest) -> None:
    for rows in ([1, 2], [3], [4]):
        body = [{"id": row} for row in rows]
        responses.get(f"{API}/orders", json=body, headers={"X-WP-Total": "5", "X-WP-TotalPages": "3"})
    assert [[row["id"] for row in page] for page in rest.pages("orders", per_page=2)] == [[1, 2], [3], [4]]


@responses.activate
def test_an_empty_page_in_the_middle_isnt_the_end_whatever_its_totals_say(rest: Rest) -> None:
    for number, rows in enumerate(([1, 2], [], [4])):
        headers = {"X-WP-Total": "0" if number else "5", "X-WP-TotalPages": "0" if number else "3"}
        responses.get(f"{API}/orders", json=[{"id": row} for row in rows], headers=headers)
    assert [[row["id"] for row in page] for page in rest.pages("orders", per_page=2)] == [[1, 2], [4]]


@responses.activate
def test_a_cache_that_repeats_a_page_is_told(rest: Rest) -> None:
    headers = {"X-WP-Total": "4", "X-WP-TotalPages": "2"}
    responses.get(f"{API}/orders", json=[{"id": 1}, {"id": 2}], headers=headers)
    with pytest.raises(PlatformFailed, match="cache in front of the shop"):
        list(rest.pages("orders", per_page=2))


@responses.activate
@pytest.mark.parametrize("body", [{"id": 1}, [1], None])
def test_a_list_that_is_none_fails(rest: Rest, body: Any) -> None:
    responses.get(f"{API}/orders", body=json.dumps(body))
    with pytest.raises(PlatformFailed, match="something else than a list"):
        list(rest.pages("orders"))


@responses.activate
def test_pages_are_asked_for_one_at_a_time(rest: Rest) -> None:
    lists = Lists(*range(500))
    responses.add_callback("GET", f"{API}/orders", callback=lists)
    pages = rest.pages("orders")
    next(pages)
    assert len(lists.asked) == 1


@responses.activate
def test_counting_reads_no_rows(rest: Rest) -> None:
    responses.head(f"{API}/orders", headers={"X-WP-Total": "10000"})
    assert rest.count("orders", status="any") == 10_000


@responses.activate
@pytest.mark.parametrize("status", [405, 200, 301])
def test_counting_does_without_head(rest: Rest, status: int) -> None:
    responses.head(f"{API}/orders", status=status)
    responses.get(f"{API}/orders", json=[], headers={"X-WP-Total": "7"})
    assert rest.count("orders") == 7


@responses.activate
def test_a_count_that_nobody_tells_fails(rest: Rest) -> None:
    responses.head(f"{API}/orders")
    responses.get(f"{API}/orders", json=[])
    with pytest.raises(PlatformFailed, match="X-WP-Total is missing"):
        rest.count("orders")


@responses.activate
def test_a_put_in_doubt_is_sent_again(asking: Asking) -> None:
    answers("PUT", "orders/1", 504, BrokenOff(), 200)
    assert asking.rest().put("orders/1", {"status": "completed"}) == Done({"id": 1})
    assert [int(seconds) for seconds in asking.slept] == [1, 2]
    assert {call.request.body for call in responses.calls} == {b'{"status": "completed"}'}


@responses.activate
def test_a_put_isnt_sent_again_where_that_is_unwanted(rest: Rest) -> None:
    answers("PUT", "orders/1", 504, 200)
    assert isinstance(rest.put("orders/1", {}, again=False), InDoubt)
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize("then", [401, 429])
def test_a_put_in_doubt_stays_so_whatever_the_next_try_says(rest: Rest, then: int) -> None:
    answers("PUT", "orders/1", 504, then)
    assert isinstance(rest.put("orders/1", {}), InDoubt)


@responses.activate
def test_a_put_in_doubt_stays_so_where_nobody_waits_any_more() -> None:
    def stop(seconds: float) -> None:
        raise Stopping("the work was asked to stop")

    answers("PUT", "orders/1", 504, 200)
    assert isinstance(Asking().rest(sleep=stop).put("orders/1", {}), InDoubt)
    answers("GET", "orders/1", 504)
    with pytest.raises(Stopping):
        Asking().rest(sleep=stop).get("orders/1")


@responses.activate
def test_a_put_that_stays_in_doubt_is_in_doubt(rest: Rest) -> None:
    answers("PUT", "orders/1", 504)
    assert isinstance(rest.put("orders/1", {}), InDoubt)
    assert len(responses.calls) == 3


@responses.activate
@pytest.mark.parametrize("name", ["order-update-unknown", "customer-update-invalid-billing-email"])
def test_a_refused_put_is_sent_once(rest: Rest, name: str) -> None:
    replay(responses.mock, name)
    answer = rest.put(recording(name).path.removeprefix("/wp-json/wc/v3/"), recording(name).sent or {})
    assert isinstance(answer, NotDone)
    assert len(responses.calls) == 1


@responses.activate
def test_a_long_wait_is_left_to_the_caller(asking: Asking) -> None:
    responses.put(f"{API}/orders/1", status=429, headers={"Retry-After": "60"})
    answer = asking.rest().put("orders/1", {})
    assert isinstance(answer, Busy)
    assert (answer.seconds, asking.slept) == (60, [])


@responses.activate
def test_a_post_is_done_once(rest: Rest) -> None:
    replay(responses.mock, "coupon-create")
    answer = rest.post("coupons", recording("coupon-create").sent)
    assert answer == Done(recording("coupon-create").body)
    assert json.loads(responses.calls[0].request.body or "") == recording("coupon-create").sent


@responses.activate
@pytest.mark.parametrize(
    ("status", "kind"),
    [(504, InDoubt), (BrokenOff(), InDoubt), (429, Busy), (500, InDoubt), (403, NotDone)],
)
def test_a_post_is_never_sent_twice(asking: Asking, status: int | Exception, kind: type) -> None:
    answers("POST", "coupons", status, 200)
    assert isinstance(asking.rest().post("coupons", {}), kind)
    assert len(responses.calls) == 1
    assert asking.slept == []


@responses.activate
def test_what_is_gone_after_a_lost_deletion_was_deleted(rest: Rest) -> None:
    answers("DELETE", "coupons/9", 504)
    replay(responses.mock, "coupon-get-unknown", method="DELETE", path="coupons/9")
    assert rest.delete("coupons/9", force=True) == Done(None)
    assert {call.request.url for call in responses.calls} == {f"{API}/coupons/9?force=true"}


@responses.activate
def test_what_was_never_there_isnt_deleted(rest: Rest) -> None:
    replay(responses.mock, "coupon-get-unknown", method="DELETE", path="coupons/9")
    answer = rest.delete("coupons/9", force=True)
    assert isinstance(answer, NotDone)
    assert answer.absent


@responses.activate
def test_the_site_is_asked_without_keys(rest: Rest) -> None:
    responses.get(f"{SHOP}/wp-json/", json={"timezone_string": "America/New_York"})
    assert rest.site() == {"timezone_string": "America/New_York"}
    assert "Authorization" not in responses.calls[0].request.headers


@responses.activate
def test_a_shop_that_repeats_our_keys_makes_us_say_nothing(rest: Rest) -> None:
    body = {"code": "no_" + SECRET, "message": f"{KEY} with {SECRET} is wrong", "data": {"status": 400}}
    responses.get(f"{API}/orders", json=body, status=400)
    responses.put(f"{API}/orders/1", json=body, status=503)
    with pytest.raises(PlatformFailed) as failed:
        rest.get("orders")
    assert "canary" not in str(failed.value)
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None
    assert "canary" not in repr(rest.put("orders/1", {}, again=False))


@responses.activate
def test_certificates_are_checked_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/elsewhere.pem")
    replay(responses.mock, "customer-get")
    for options, verify in (({"ca_bundle": __file__}, __file__), ({"verify": False}, False)):
        Asking().rest(**options).get("customers/8")
        assert responses.calls[-1].request.req_kwargs["verify"] == verify  # type: ignore[attr-defined]
