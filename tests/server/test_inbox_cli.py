"""`vip-rules inbox` as a person calls it, and what status and the doctor say of webhooks."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.commanding import Commanding
from tests.server.asking import NOON, webhook
from vip_rules.cli import inbox as cli_inbox
from vip_rules.cli import project as cli_project
from vip_rules.database.tables import inbox
from vip_rules.inbox import STATES, take
from vip_rules.ledger import latest_entries
from vip_rules.operations import arrivals
from vip_rules.project import Outside, Project, open_project
from vip_rules.testing.clock import StoppedClock


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(NOON)


@pytest.fixture
def project(shop: Path, clock: StoppedClock) -> Iterator[Project]:
    with open_project(shop / "vip-rules.toml", Outside(environment={}, clock=clock)) as found:
        yield found


@pytest.fixture
def person(
    shop: Path, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Commanding:
    monkeypatch.setattr(cli_project, "outside", lambda: Outside(environment={}, clock=clock))
    return Commanding(shop, capsys)


@pytest.fixture
def filled(project: Project) -> Project:
    """Five webhooks: one waits, two are quarantined, one is parked, one done."""
    webhook(project)
    webhook(project, "quarantined", body={"email": "c@d.example"}, reason="it has no id")
    webhook(project, "quarantined", body=["é\x1b[31m"], reason="it is no object")
    webhook(project, "parked", reason="asks what is kept of 7: send it to them, then drop this")
    webhook(project, "done", delivery="seen")
    return project


def test_the_command_knows_all_states() -> None:
    assert cli_inbox.STATES == STATES


def test_what_has_not_ended_is_listed(filled: Project, person: Commanding) -> None:
    said = person.says("inbox", "list")
    lines = said.splitlines()
    assert lines[0].split() == ["number", "topic", "received", "state", "tried", "reason"]
    assert [line.split()[0] for line in lines[2:]] == ["1", "2", "3", "4"]
    assert "orders/updated  2026-11-20 17:00:00 UTC  quarantined     0×  it has no id" in said
    assert "example" not in said
    assert [each["number"] for each in person.data("inbox", "list", "--state", "done")] == [5]


def test_an_inbox_in_which_nothing_waits(project: Project, person: Commanding) -> None:
    assert person.says("inbox", "list") == "Nothing waits: every webhook has ended.\n"
    assert person.says("inbox", "list", "--state", "parked") == "The inbox has none.\n"
    assert person.data("inbox", "list") == []


def test_many_are_listed_in_part(
    filled: Project, person: Commanding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli_inbox, "SHOWN", 1)
    assert "… and 3 more: --json has them all" in person.says("inbox", "list")


def test_a_webhook_is_shown_and_what_it_says_only_if_asked_for(filled: Project, person: Commanding) -> None:
    said = person.says("inbox", "show", "2")
    for line in ("Webhook 2: orders/updated, quarantined", "it has no id", "24 bytes", "d-24-quarantined"):
        assert line in said, said
    assert "example" not in said
    assert '  "email": "c@d.example"' in person.says("inbox", "show", "2", "--body")
    assert "body" not in person.data("inbox", "show", "2")
    assert json.loads(person.data("inbox", "show", "2", "--body")["body"]) == {"email": "c@d.example"}


def test_what_a_terminal_would_obey_is_escaped(filled: Project, person: Commanding) -> None:
    assert '"é\\u001b[31m"' in person.says("inbox", "show", "3", "--body")
    webhook(filled, "quarantined", body=None, reason="?", delivery="raw")
    with filled.database.writing() as connection:
        raw = update(inbox).where(inbox.c.delivery == "raw")
        connection.execute(raw.values(body=b"\xff\x1b]0;\xc2\x9b"))
    assert "\\xff\\x1b]0;\\x9b" in person.says("inbox", "show", "6", "--body")


def test_what_is_done_is_forgotten(filled: Project, person: Commanding) -> None:
    said = person.says("inbox", "show", "5", "--body")
    assert "size      forgotten" in said
    assert "Its bytes are forgotten." in said


def test_a_webhook_that_there_isnt(filled: Project, person: Commanding) -> None:
    assert "the inbox has no webhook 77" in person.refuses("inbox", "show", "77")
    assert "77" in person.refuses("inbox", "replay", "2", "77")
    assert filled_states(filled)[2] == "quarantined"
    assert person.refuses("inbox", "show", str(2**63), code=2)


def test_webhooks_are_replayed(filled: Project, person: Commanding, clock: StoppedClock) -> None:
    with filled.database.writing() as connection:
        connection.exec_driver_sql("UPDATE inbox SET attempts = 5")
    clock.advance(seconds=60)
    said = person.says("inbox", "replay", "2", "4", "2", "--by", "Ann")
    assert said == "2 webhooks waiting again; the worker takes them.\n"
    shown = person.data("inbox", "show", "2")
    assert (shown["state"], shown["reason"], shown["attempts"]) == ("waiting", None, 0)
    assert shown["changed_at"] == "2026-11-20T17:01:00+00:00"
    assert person.data("inbox", "replay", "--all-quarantined") == {"state": "waiting", "numbers": [3]}
    assert filled_states(filled) == {1: "waiting", 2: "waiting", 3: "waiting", 4: "waiting", 5: "done"}
    with filled.database.reading() as connection:
        told = latest_entries(connection, filled.shop, "retry", 10)
    assert [each.key for each in told] == ["webhook:3", "webhook:4", "webhook:2"]
    assert told[2].says == {"by": "Ann", "topic": "orders/updated", "was": "quarantined"}


def test_what_was_replayed_is_taken_by_the_worker(filled: Project, person: Commanding) -> None:
    person.says("inbox", "replay", "2")
    with filled.database.appending() as connection:
        taken = take(connection, filled.shop, filled.means.now(), 10)
    assert [row.number for row in taken] == [1, 2]


@pytest.mark.parametrize(("number", "said"), [("1", "is waiting (the worker takes it)"), ("5", "is done (")])
def test_only_what_waits_for_a_person_is_replayed(
    filled: Project, person: Commanding, number: str, said: str
) -> None:
    before = filled_states(filled)
    for arguments in (("replay", number, "2"), ("drop", "2", number, "--reason", "x")):
        assert said in person.refuses("inbox", *arguments)
    assert filled_states(filled) == before


def test_replay_asks_for_numbers_or_all(filled: Project, person: Commanding) -> None:
    assert "name the numbers" in person.refuses("inbox", "replay", code=2)
    assert "name the numbers" in person.refuses("inbox", "replay", "2", "--all-quarantined", code=2)


def test_webhooks_are_dropped_with_what_they_say(filled: Project, person: Commanding) -> None:
    assert person.says("inbox", "drop", "4", "--reason", "answered", "--by", "Ann").startswith(
        "1 webhook given"
    )
    shown = person.data("inbox", "show", "4", "--body")
    assert (shown["state"], shown["reason"], shown["body"]) == ("dropped", "answered", None)
    with filled.database.reading() as connection:
        (told,) = latest_entries(connection, filled.shop, "withdrawn", 1)
    assert told.says == {"by": "Ann", "topic": "orders/updated", "was": "parked", "reason": "answered"}
    assert "is dropped (answered; its bytes are forgotten)" in person.refuses("inbox", "replay", "4")


def test_another_shops_webhooks_arent_there(filled: Project, person: Commanding) -> None:
    other = filled.database.shop("another", adapter="files", currency="USD", timezone="UTC")
    webhook(filled, "quarantined", reason="theirs", shop=other)
    assert "no webhook 6" in person.refuses("inbox", "replay", "6")
    assert "theirs" not in person.says("inbox", "list")


# What status and the doctor say


def test_status_counts_webhooks_once_there_are_any(project: Project, person: Commanding) -> None:
    assert "Inbox" not in person.says("status")
    webhook(project)
    webhook(project, "quarantined", reason="?", delivery="q")
    assert "Inbox    1 waiting, 1 quarantined" in person.says("status")


def test_the_doctor_finds_webhooks_that_wait(
    filled: Project, person: Commanding, clock: StoppedClock
) -> None:
    said = person.says("doctor")
    assert "! inbox    webhooks wait for a person: 2 quarantined, 1 parked" in said
    assert "vip-rules inbox list" in said
    assert "waiting, the first one since" not in said
    clock.advance(seconds=601)
    assert "1 waiting, the first one since 2026-11-20T17:00:00+00:00" in person.says("doctor")


def filled_states(project: Project) -> dict[int, str]:
    with project.database.reading() as connection:
        found = arrivals.arrivals(connection, project.shop, STATES)
        return {each.row.number: each.row.state for each in found}
