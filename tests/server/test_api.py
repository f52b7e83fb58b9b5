"""What operators ask of a shop and decide in it, over HTTP. Every answer is checked against the API's own document."""

import io
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from openapi_spec_validator import validate

from tests.server.asking import NOON, TOKEN, Asking, asking, waiting_plan, webhook
from vip_rules.cli import project as cli_project
from vip_rules.cli.main import main
from vip_rules.database.failure import DatabaseFailed
from vip_rules.ledger import Kind, latest_entries
from vip_rules.logs.logs import Logs
from vip_rules.operations.proposals import proposals
from vip_rules.operations.switch import pause_of
from vip_rules.project import Outside
from vip_rules.server.api.api import LARGEST, OPERATIONS
from vip_rules.server.api.openapi import document

SHOP = "/api/my-shop"


# Customers


def test_an_account_is_what_explain_says(
    api: Asking, shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli_project, "outside", lambda: Outside(environment={}, clock=lambda: NOON))
    with pytest.raises(SystemExit):
        main(["explain", "bruno", "--json", "--config", str(shop / "vip-rules.toml")])
    assert api.data(f"{SHOP}/customers/bruno") == json.loads(capsys.readouterr().out)


def test_an_account_of_another_day(unchanged: Asking) -> None:
    assert unchanged.data(f"{SHOP}/customers/finn?as_of=2026-12-03")["pending"]
    then = unchanged.data(f"{SHOP}/customers/bruno?as_of=2026-11-19")
    assert (then["tier"], then["pending"]) == (None, None)


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("as_of=2026-11-31", 400, "as_of: '2026-11-31' is not a 'date'"),
        ("as_of=20261120", 400, "is not a 'date'"),
        ("as_of=2026-11-20&as_of=2026-11-21", 400, "as_of is given twice"),
        ("as-of=2026-11-20", 400, "there is no parameter 'as-of': expected as_of"),
        ("as_of=2030-01-01", 409, "expected a day up to 2029-01-28"),
        ("as_of=9999-12-31", 409, "too far ahead"),
        ("as_of=0001-01-01", 409, "outside the years 1900 to 2199"),
    ],
)
def test_a_query_that_isnt_as_expected_is_refused(
    unchanged: Asking, query: str, status: int, said: str
) -> None:
    assert said in unchanged.refuses(unchanged.get(f"{SHOP}/customers/bruno?{query}"), status)


def test_a_customer_who_isnt_known(unchanged: Asking) -> None:
    said = unchanged.refuses(unchanged.get(f"{SHOP}/customers/brunno"), 404)
    assert "customer 'brunno' isn't known: did you mean 'bruno'?" in said
    assert "there is nothing here" in unchanged.refuses(unchanged.get(f"{SHOP}/customers/a%00b"), 404)


# The shop


def test_status_is_what_the_command_says(
    api: Asking, shop: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    webhook(api.project)
    waiting_plan(api.project)
    monkeypatch.setattr(cli_project, "outside", lambda: Outside(environment={}, clock=lambda: NOON))
    with pytest.raises(SystemExit):
        main(["status", "--json", "--config", str(shop / "vip-rules.toml")])
    found = api.data(f"{SHOP}/status")
    assert found == json.loads(capsys.readouterr().out)
    assert (found["inbox"], found["plans_waiting"]) == ({"waiting": 1}, 1)


def test_jobs_are_told_before_and_after_their_runs(shop: Path) -> None:
    with asking(shop) as api:
        before = {job["job"]: job for job in api.data(f"{SHOP}/jobs")["jobs"]}
        assert before["daily"] == {"job": "daily", "due_at": "2026-11-20T05:05:00+00:00", "last": None}
    with asking(shop, with_workers=True) as api:
        for _ in range(600):
            after = {job["job"]: job for job in api.data(f"{SHOP}/jobs")["jobs"]}
            if all(job["last"] for job in after.values()):
                break
    assert {name: job["last"]["outcome"] for name, job in after.items()} == dict.fromkeys(after, "done")
    assert after["daily"]["due_at"] == "2026-11-21T05:05:00+00:00"
    assert after["reconcile"]["due_at"] == "2026-11-20T17:15:00+00:00"
    assert "6 customers" in after["daily"]["last"]["says"][0]


def test_webhooks_are_told_without_what_they_say(api: Asking) -> None:
    webhook(api.project, body={"email": "a@b.example"})
    webhook(api.project, "quarantined", body={"email": "c@d.example"}, reason="it has no id")
    webhook(api.project, "done", topic="customers/update")
    answer = api.get(f"{SHOP}/webhooks")
    found = answer.json()
    assert found["counts"] == {"waiting": 1, "quarantined": 1, "done": 1}
    assert found["oldest_waiting"] == NOON.isoformat()
    assert found["last_received"] == dict.fromkeys(("customers/update", "orders/updated"), NOON.isoformat())
    (aside,) = found["for_a_person"]
    assert (aside["state"], aside["reason"]) == ("quarantined", "it has no id")
    assert aside["size"] == len('{"email": "c@d.example"}')
    assert "example" not in answer.text


def test_the_outbox_is_told_in_pages(unchanged: Asking) -> None:
    assert unchanged.data(f"{SHOP}/outbox") == {
        "counts": {"confirmed": unchanged.data(f"{SHOP}/status")["outbox"]["confirmed"]},
        "effects": [],
        "more": False,
    }
    whole = unchanged.data(f"{SHOP}/outbox?state=confirmed")
    assert len(whole["effects"]) == whole["counts"]["confirmed"] > 3
    page = unchanged.data(f"{SHOP}/outbox?state=confirmed&limit=2&skip=1")
    assert (page["effects"], page["more"]) == (whole["effects"][1:3], True)


@pytest.mark.parametrize(
    "query", ["state=lost", "limit=0", "limit=ten", "limit=1001", "skip=-1", "limit=99999999999999999999"]
)
def test_a_page_that_there_isnt(unchanged: Asking, query: str) -> None:
    name = query.partition("=")[0]
    assert f"the query isn't as expected: {name}: " in unchanged.refuses(
        unchanged.get(f"{SHOP}/outbox?{query}"), 400
    )


def test_a_pause_is_made_and_ended(api: Asking) -> None:
    (desk,) = api.service.desks.values()
    pause = {"since": NOON.isoformat(), "by": "Ann", "reason": "stocktaking"}
    assert api.decides(f"{SHOP}/pause", {"by": "Ann", "reason": "stocktaking"}) == {
        "paused": pause,
        "already": False,
    }
    assert desk.nudge.is_set()
    again = api.decides(f"{SHOP}/pause", {"by": "Bob", "reason": "me too"})
    assert again == {"paused": pause, "already": True}
    assert api.data(f"{SHOP}/jobs")["paused"]
    assert api.decides(f"{SHOP}/resume", {"by": "Bob"}) == {"paused": None, "ended": pause}
    assert api.decides(f"{SHOP}/resume", {"by": "Bob"}) == {"paused": None, "ended": None}
    assert [(says["by"], kind) for kind, says in _told(api, "pause", "resume")] == [
        ("Ann", "pause"),
        ("Bob", "resume"),
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"reason": "x"}, "'by' is a required property"),
        ({"by": "Ann"}, "'reason' is a required property"),
        ({"by": "", "reason": "x"}, "by: "),
        ({"by": " ", "reason": "x"}, "by: "),
        ({"by": "A\x00", "reason": "x"}, "by: "),
        ({"by": "A" * 101, "reason": "x"}, "by: "),
        ({"by": 7, "reason": "x"}, "by: 7 is not of type 'string'"),
        ({"by": "Ann", "reason": "x", "until": "noon"}, "'until' was unexpected"),
        (["Ann"], "is not of type 'object'"),
        (None, "is not of type 'object'"),
    ],
)
def test_a_body_that_isnt_as_expected_changes_nothing(unchanged: Asking, body: Any, said: str) -> None:
    answer = unchanged.post(f"{SHOP}/pause", data=json.dumps(body))
    assert said in unchanged.refuses(answer, 400)
    with unchanged.project.database.reading() as connection:
        assert pause_of(connection, unchanged.project.shop) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff", b'{"by": "\\ud800", "reason": "x"}', b'{"by": NaN}', b"[" * 9_000],
)
def test_what_is_no_json_is_refused(unchanged: Asking, body: bytes) -> None:
    said = unchanged.refuses(unchanged.post(f"{SHOP}/pause", data=body), 400)
    assert said == "the body isn't JSON in UTF-8" if body else "required" in said


def test_a_body_can_be_too_large(unchanged: Asking) -> None:
    assert str(LARGEST) in unchanged.refuses(unchanged.post(f"{SHOP}/pause", data=b" " * (LARGEST + 1)), 413)
    endless = unchanged.post(f"{SHOP}/pause", data=iter([b" " * LARGEST, b" "]))
    assert str(LARGEST) in unchanged.refuses(endless, 413)


def test_who_is_slow_with_a_body_is_told_so(unchanged: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vip_rules.server.api.api.SLOW", 0.05)
    with _begun(unchanged) as connection:
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer.lower()


def test_who_goes_away_leaves_nothing_behind(unchanged: Asking) -> None:
    with _begun(unchanged):
        pass
    assert unchanged.data(f"{SHOP}/jobs")["paused"] is False


def _begun(api: Asking) -> socket.socket:
    """A connection on which a request has begun whose body doesn't come."""
    there = urlsplit(api.service.url)
    connection = socket.create_connection((there.hostname, there.port), timeout=30)
    head = f"POST {SHOP}/pause HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 9\r\n\r\n{{"
    connection.sendall(head.encode())
    return connection


# Plans


def test_a_plan_is_looked_at_and_approved(api: Asking) -> None:
    plan = waiting_plan(api.project)
    (told,) = api.data(f"{SHOP}/plans")["plans"]
    assert (told["hash"], told["limits"]) == (plan.hash, ["a person should look at it"])
    assert api.data(f"{SHOP}/plans/{plan.hash[:8]}")["plan"] == plan.record()
    approved = api.decides(f"{SHOP}/plans/{plan.hash}/approve", {"by": "Ann"})
    assert (approved["state"], approved["decided_by"]) == ("approved", "Ann")
    assert api.data(f"{SHOP}/plans") == {"plans": []}
    assert [each["hash"] for each in api.data(f"{SHOP}/plans?state=approved")["plans"]] == [plan.hash]
    again = api.post(f"{SHOP}/plans/{plan.hash}/approve", {"by": "Bob"})
    assert "no waiting plan is named" in api.refuses(again, 404)
    assert [says["by"] for _, says in _told(api, "approval")] == ["Ann"]


def test_an_approved_plan_is_applied_by_the_worker(shop: Path) -> None:
    with asking(shop) as api:
        plan = waiting_plan(api.project)
        api.decides(f"{SHOP}/plans/{plan.hash}/approve", {"by": "Ann"})
        assert api.data(f"{SHOP}/customers/bruno")["tier"] == "silver"
    with asking(shop, with_workers=True) as api:
        for _ in range(600):
            found = api.data(f"{SHOP}/customers/bruno")
            if not found["pending"] and not found["underway"]:
                break
    assert found["tier"] == "gold"


def test_a_plan_is_refused(api: Asking) -> None:
    plan = waiting_plan(api.project)
    refused = api.decides(
        f"{SHOP}/plans/{plan.hash[:12]}/refuse", {"by": "Ann", "reason": "a mistake in the store"}
    )
    assert (refused["state"], refused["reason"]) == ("refused", "a mistake in the store")
    whole = api.data(f"{SHOP}/plans/{plan.hash}")
    assert (whole["plan"], whole["decided_by"]) == (None, "Ann")
    with api.project.database.reading() as connection:
        assert not proposals(connection, api.project.shop, "waiting")


def test_a_plan_that_there_isnt(unchanged: Asking) -> None:
    assert "there is none" in unchanged.refuses(unchanged.get(f"{SHOP}/plans/{'0' * 64}"), 404)
    assert "there is nothing here: hash" in unchanged.refuses(unchanged.get(f"{SHOP}/plans/latest"), 404)


# Who may ask


def test_nobody_gets_in_without_the_token(unchanged: Asking) -> None:
    for token in (None, "", "another", TOKEN + "x", TOKEN[:-1]):
        for method, path in (("GET", "/status"), ("GET", "/customers/nobody"), ("POST", "/pause")):
            answer = unchanged.ask(method, SHOP + path, token=token)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
    basic = unchanged.get(f"{SHOP}/status", token=None, headers={"Authorization": f"Basic {TOKEN}"})
    assert "Authorization: Bearer TOKEN" in unchanged.refuses(basic, 401)


def test_the_unauthorised_learn_nothing_of_customers(unchanged: Asking) -> None:
    there, not_there = (
        unchanged.get(f"{SHOP}/customers/{name}", token="another") for name in ("bruno", "nobody")
    )
    assert there.content == not_there.content


def test_a_shop_without_a_token_has_no_api(shop: Path) -> None:
    with asking(shop, settings={}) as api:
        for token in (None, "", "any"):
            assert "set [server] token_env" in api.refuses(api.get(f"{SHOP}/status", token=token), 403)


def test_a_shop_that_there_isnt(unchanged: Asking) -> None:
    assert (
        unchanged.refuses(unchanged.get("/api/another/status"), 404) == "there is no shop of this name here"
    )


# Whatever else


def test_paths_and_methods_that_there_arent(unchanged: Asking) -> None:
    for path in ("/", "/api", f"{SHOP}/", f"{SHOP}/status/", f"{SHOP}/nothing", "/docs"):
        answer = unchanged.get(path)
        assert "/openapi.json" in unchanged.refuses(answer, 404)
        assert answer.headers["content-type"] == "application/problem+json"
    for method in ("PUT", "DELETE", "PATCH", "POST", "OPTIONS", "TRACE"):
        answer = unchanged.ask(method, f"{SHOP}/status")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD"
    assert unchanged.ask("GET", f"{SHOP}/pause").headers["allow"] == "POST"


def test_a_changed_program_is_that_of_the_next_answer(api: Asking, shop: Path) -> None:
    program = shop / "program.json"
    program.write_text(program.read_text("utf-8").replace("Silver VIP", "Sterling VIP"), "utf-8")
    (desk,) = api.service.desks.values()
    desk.refresh()
    assert api.data(f"{SHOP}/status")["program"]["changed"]
    made = api.decides(f"{SHOP}/customers/bruno/link", {})
    assert api.data(made["path"], token=None)["tier"]["name"] == "Sterling VIP"


def test_a_mistake_of_ours_is_told_without_details(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = io.StringIO()
    logs = Logs.to(lines, clock=lambda: NOON)
    with asking(shop, logs=logs) as api:
        monkeypatch.setattr("vip_rules.operations.account.HORIZON", "mistaken of bruno")
        said = api.refuses(api.get(f"{SHOP}/customers/bruno"), 500)
    assert said == "it failed by a mistake of ours: the service's log tells where"
    (line,) = [json.loads(line) for line in lines.getvalue().splitlines() if "mistaken" in line]
    assert (line["event"], line["shop"], line["part"]) == ("mistaken", "my-shop", "api")
    assert line["error"]["class"] == "TypeError"
    assert "bruno" not in lines.getvalue()


def test_a_database_that_fails_is_told_without_its_words(
    unchanged: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DatabaseFailed("the database server-of-ours is full")

    monkeypatch.setattr("vip_rules.server.api.shop.runs", fail)
    answer = unchanged.get(f"{SHOP}/jobs")
    assert "ask again later" in unchanged.refuses(answer, 503)
    assert "server-of-ours" not in answer.text
    assert answer.headers["retry-after"] == "10"


def test_the_document_is_sound(unchanged: Asking) -> None:
    validate(dict(unchanged.document))
    assert unchanged.document == json.loads(json.dumps(document(OPERATIONS)))
    assert sum(len(methods) for methods in unchanged.document["paths"].values()) == len(OPERATIONS)
    assert requests.head(f"{unchanged.service.url}/openapi.json", timeout=10).ok


def _told(api: Asking, *kinds: Kind) -> list[tuple[str, Any]]:
    """What the ledger says of some kinds, the latest entry last."""
    with api.project.database.reading() as connection:
        found = [each for kind in kinds for each in latest_entries(connection, api.project.shop, kind, 10)]
    return [(each.kind, each.says) for each in sorted(found, key=lambda each: each.seq)]
