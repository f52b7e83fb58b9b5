"""What was done, was not done, or is in doubt: by every kind of answer."""

from __future__ import annotations

from typing import Any

import pytest

from vip_rules_shopify.admin.answers import (
    Answer,
    Busy,
    Denial,
    Done,
    InDoubt,
    Lost,
    NotDone,
    NotSent,
    Reply,
    judge,
    search_warnings,
)

HOST = "atelier.myshopify.com"


def judged(body: Any, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return judge(Reply(status, named, body), host=HOST)


def error(message: str = "no", *, path: list[str] | None = None, **extensions: Any) -> dict[str, Any]:
    where = {"path": path} if path else {"locations": [{"line": 1, "column": 1}]}
    return {"message": message, **where, "extensions": extensions}


def test_data_without_errors_is_done() -> None:
    data = {"tagsAdd": {"node": {"id": "gid://shopify/Customer/1"}, "userErrors": []}}
    assert judged({"data": data}) == Done(data)


def test_user_errors_say_what_was_refused_and_why() -> None:
    refused = {
        "node": None,
        "userErrors": [{"field": ["input", "title"], "message": "must be unique", "code": "TAKEN"}],
    }
    answer = judged({"data": {"segmentCreate": refused}})
    assert answer == NotDone(
        "input.title: must be unique (TAKEN)", frozenset({"TAKEN"}), {"segmentCreate": refused}
    )


def test_user_errors_of_any_payload_count_and_what_was_done_beside_them_is_told() -> None:
    data = {
        "added": {"node": {"id": "1"}, "userErrors": []},
        "removed": {"node": None, "userErrors": [{"field": None, "message": "no such tag"}]},
    }
    assert judged({"data": data}) == NotDone("no such tag", frozenset(), data)


@pytest.mark.parametrize("key", ["userErrors", "bulkOperationUserErrors"])
def test_user_errors_are_known_by_the_end_of_their_name(key: str) -> None:
    assert isinstance(judged({"data": {"done": {key: [{"message": "no"}]}}}), NotDone)


def test_user_errors_that_pass_by_themselves_are_busy() -> None:
    passing = {"userErrors": [{"message": "one is running", "code": "OPERATION_IN_PROGRESS"}]}
    assert judged({"data": {"bulkOperationRunQuery": passing}}) == Busy(
        10, "one is running (OPERATION_IN_PROGRESS)"
    )


def test_user_errors_beside_something_done_are_never_busy() -> None:
    passing = {"userErrors": [{"message": "one is running", "code": "OPERATION_IN_PROGRESS"}]}
    assert isinstance(judged({"data": {"a": {"userErrors": []}, "b": passing}}), NotDone)


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [error("Throttled", code="THROTTLED")]},
        {"errors": [error("a message that nobody matches", code="THROTTLED")], "data": None},
    ],
)
def test_throttled_is_busy(body: Any) -> None:
    assert isinstance(judged(body), Busy)


@pytest.mark.parametrize(
    ("after", "seconds"),
    [("2.0", 2), ("0.2", 1), ("7", 7), ("soon", 10), ("inf", 10), ("nan", 10), ("999999", 3600), ("-1", 1)],
)
def test_too_many_requests_is_busy_for_whole_seconds(after: str, seconds: int) -> None:
    assert judged(None, 429, retry_after=after) == Busy(seconds, f"{HOST} answered 429: too many requests")


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 520])
def test_a_failing_server_leaves_in_doubt(status: int) -> None:
    assert isinstance(judged(None, status), InDoubt)


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [error(code="INTERNAL_SERVER_ERROR")]},
        {"errors": [error(code="INTERNAL_SERVER_ERROR")], "data": {"storeCreditAccountCredit": None}},
        {"errors": [error(code="ACCESS_DENIED", path=["a"]), error(code="INTERNAL_SERVER_ERROR")]},
        {"errors": [error("something unheard of", path=["storeCreditAccountCredit"])]},
        {"errors": [{"message": "something unheard of"}]},
        {"errors": "something unheard of"},
        {"errors": [7]},
        {"data": None},
        {},
        [],
        "text",
        None,
    ],
)
def test_what_may_have_been_done_is_in_doubt(body: Any) -> None:
    assert isinstance(judged(body), InDoubt)


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [error("syntax error")]},
        {"errors": [error("Field 'nmae' doesn't exist", path=["query"], code="undefinedField")]},
        {"errors": [error("was provided invalid value", code="INVALID_VARIABLE")]},
        {"errors": [error("Query cost is 1200", code="MAX_COST_EXCEEDED")]},
        {"errors": [error("needs @idempotent", path=["refundCreate"], code="BAD_REQUEST")]},
    ],
)
def test_what_was_refused_before_it_was_run_is_not_done(body: Any) -> None:
    assert isinstance(judged(body), NotDone)


def test_a_missing_scope_is_named_with_the_field_and_leaves_the_rest_of_the_data() -> None:
    denied = error(
        "Access denied", path=["customer", "email"], code="ACCESS_DENIED", requiredAccess="`read_customers`"
    )
    data = {"shop": {"id": "1"}, "customer": {"email": None}}
    assert judged({"data": data, "errors": [denied]}) == NotDone(
        "the app may not do this: Shopify asks for `read_customers`; vip-rules doctor says what to do",
        frozenset({"ACCESS_DENIED"}),
        data,
        (Denial("customer.email", "`read_customers`"),),
    )


@pytest.mark.parametrize("status", [301, 302, 401, 402, 403, 404, 423])
def test_a_shop_that_cannot_be_used_says_nothing_of_the_effect(status: int) -> None:
    answer = judged({"errors": "[API] Invalid API key"}, status)
    assert isinstance(answer, NotDone)
    assert answer.is_of_shop
    assert answer.codes == {f"HTTP_{status}"}


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_request_that_is_refused_is_not_done(status: int) -> None:
    answer = judged(None, status)
    assert isinstance(answer, NotDone)
    assert not answer.is_of_shop


def test_without_a_connection_nothing_was_done_and_without_an_answer_nobody_knows() -> None:
    assert judge(NotSent("ConnectTimeout"), host=HOST) == Busy(
        5, f"{HOST} couldn't be reached: ConnectTimeout"
    )
    assert judge(Lost("ReadTimeout"), host=HOST) == InDoubt(f"{HOST} gave no answer: ReadTimeout")


def test_long_messages_are_cut() -> None:
    answer = judged({"errors": [error("long " * 200)]})
    assert isinstance(answer, NotDone)
    assert len(answer.reason) == 300


def test_search_warnings_are_told() -> None:
    warning = {
        "field": "updatd_at",
        "message": "Invalid search field for this query.",
        "code": "invalid_field",
    }
    body = {"data": {}, "extensions": {"search": [{"path": ["customers"], "warnings": [warning]}]}}
    assert search_warnings(body) == ["updatd_at: Invalid search field for this query."]
    assert search_warnings({"data": {}, "extensions": {"search": [{"path": ["customers"]}]}}) == []
