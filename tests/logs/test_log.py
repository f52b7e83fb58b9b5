"""What is logged: named events with named fields, and never what a customer, a body or a secret brings with it."""

import inspect
import io
import re
from collections import Counter
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.logs.lines import NOON, Lines, logged
from vip_rules.adapter import PlatformFailed
from vip_rules.apply import Applied
from vip_rules.delivery import Delivered
from vip_rules.errors import NotInstalled
from vip_rules.logs import Log, Logs, logs
from vip_rules.logs.failures import cleaned, failure
from vip_rules.logs.fields import FIELDS, sifted
from vip_rules.logs.log import LEVELS, Level, event, events

EMAIL = "amara@canary.example"
NUMBER = "5551234567890"
SECRET = "shpat_0123456789abcdef0123456789abcdef"
ROOT = Path(__file__).parents[2]
CANARIES = (EMAIL, NUMBER, SECRET, f'"amara" {NUMBER}')


def test_a_line_has_its_event_its_level_its_shop_and_its_fields() -> None:
    log, lines = logged()
    log.of("atelier").quarantined(17, "orders/updated")
    assert lines.last() == {
        "level": "warning",
        "event": "quarantined",
        "shop": "atelier",
        "topic": "orders/updated",
        "number": 17,
    }


def test_what_was_applied_is_told_in_figures() -> None:
    log, lines = logged()
    delivered = Delivered(counts=Counter(confirmed=2), told=[f"refused for {EMAIL}"], left=1)
    applied = Applied(
        hash="2647c67d" * 8,
        again=False,
        standings=3,
        intents=3,
        stale={NUMBER: f"{EMAIL} has moved"},
        delivered=delivered,
    )
    log.of("atelier").applied(applied)
    line = lines.last()
    assert (line["standings"], line["effects"], line["stale"], line["left"]) == (3, 3, 1, 1)
    assert (line["plan"], line["outcomes"]) == ("2647c67d" * 8, {"confirmed": 2})
    log.of("atelier").delivered(delivered)
    assert lines.last()["outcomes"] == {"confirmed": 2}
    assert not any(canary in lines.getvalue() for canary in CANARIES)


def test_instants_are_in_utc() -> None:
    lines = Lines()
    east = NOON.astimezone(timezone(timedelta(hours=9)))
    Logs.to(lines, clock=lambda: east).of(None).stopped()
    assert lines.read_all()[0]["at"] == "2026-11-20T12:00:00.000+00:00"


@pytest.mark.parametrize("level", LEVELS)
def test_less_than_the_level_isnt_written(level: Level) -> None:
    log, lines = logged(level)
    one = log.of("atelier")
    one.job_began("daily")
    one.job_ended("daily", "done", 2)
    one.access_ended()
    one.mistaken("daily", ValueError())
    assert [line["level"] for line in lines.read_all()] == list(LEVELS[LEVELS.index(level) :])


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("said", events(), ids=lambda said: said.name)
def test_no_event_lets_anything_else_through(said: Any, canary: str) -> None:
    """Whatever a caller puts into the places of texts and errors, by mistake."""
    log, lines = logged()
    method = getattr(log.of("atelier"), said.name)
    names = [name for name in inspect.signature(method).parameters if name != "self"]
    shapes: dict[str, Any] = {
        "error": PlatformFailed(f"the store said {canary}"),
        "applied": Applied(hash=canary, again=False, standings=1, intents=1, stale={canary: canary}),
        "delivered": Delivered(counts=Counter({canary: 1}), told=[canary], stopped=canary),
    }
    method(*(shapes.get(name, canary) for name in names))
    (line,) = lines.read_all()
    assert line["event"] == said.name
    assert canary not in lines.getvalue()
    assert not any(part in lines.getvalue() for part in (EMAIL, NUMBER, SECRET))


def test_what_is_no_field_is_told_by_its_name_only() -> None:
    log, lines = logged()
    log.write(
        "info",
        "redacted",
        {"email": EMAIL, NUMBER: 1, "body": b"{}", "count": EMAIL, "number": 7, "left": None},
    )
    assert lines.last() == {
        "level": "info",
        "event": "redacted",
        "number": 7,
        "dropped": ["body", "count", "email", "…"],
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", True),
        ("number", "7"),
        ("number", 2**63),
        ("count", 1.5),
        ("seconds", -1),
        ("seconds", float("nan")),
        ("seconds", float("inf")),
        ("topic", "orders/5551234567890"),
        ("topic", "a" * 101),
        ("topic", "orders\nupdated"),
        ("plan", "not-a-hash"),
        ("status", 1000),
        ("shop", EMAIL),
        ("shop", "a\nb"),
        ("address", "https://me:secret@host:1"),
        ("outcomes", {EMAIL: 1}),
        ("outcomes", {"confirmed": EMAIL}),
        ("error", EMAIL),
        ("at", EMAIL),
        ("message", 7),
    ],
)
def test_a_field_has_to_be_what_it_is(name: str, value: object) -> None:
    assert sifted({name: value}) == {"dropped": [name]}


plain = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.binary(max_size=20)
)
anything = (
    plain
    | st.datetimes()
    | st.lists(plain, max_size=2)
    | st.dictionaries(st.text(max_size=20), plain, max_size=2)
)


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)) | st.text(max_size=9), anything, max_size=4))
def test_whatever_is_given_makes_a_line_of_json(given_fields: dict[str, Any]) -> None:
    log, lines = logged()
    given_fields.pop("event", None)
    log.write("info", "stopped", given_fields)
    (line,) = lines.read_all()
    assert set(line) <= set(FIELDS)
    assert log.lost == 0


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


def test_of_a_mistake_class_and_places_are_told() -> None:
    try:
        try:
            int(EMAIL)
        except ValueError as error:
            raise LookupError(f"{NUMBER} {SECRET}") from error
    except LookupError as error:
        told = failure(error)
    assert told is not None
    (place,) = told.pop("places")
    assert place.startswith("logs/test_log.py:")
    assert told == {"class": "LookupError", "caused_by": ["ValueError"]}


def test_places_lead_through_our_own_files() -> None:
    try:
        cleaned(None)  # type: ignore[arg-type]
    except TypeError as error:
        told = failure(error)
    assert told is not None
    assert [place.rpartition(":")[0] for place in told["places"]] == ["vip_rules/logs/failures.py"]


def test_causes_that_go_in_a_circle_end() -> None:
    one, other = ValueError(), KeyError()
    one.__cause__, other.__cause__ = other, one
    assert failure(one) == {"class": "ValueError", "caused_by": ["KeyError"], "places": []}


def test_of_our_own_errors_the_reason_is_told() -> None:
    log, lines = logged()
    log.of("atelier").failed("intake", raised(PlatformFailed("the store doesn't answer: try again later")))
    line = lines.last()
    assert (line["event"], line["level"]) == ("hindered", "warning")
    assert line["error"] == {
        "class": "vip_rules.adapter.PlatformFailed",
        "reason": "the store doesn't answer: try again later",
    }
    log.of("atelier").failed("intake", raised(ValueError(EMAIL)))
    assert (lines.last()["event"], lines.last()["level"]) == ("mistaken", "error")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("the customer “amara” is unknown", "the customer … is unknown"),
        ("customer 'amara o'hara' isn't known", "customer … isn't known"),
        (f"order {NUMBER} of {EMAIL}, twice", "order … of … twice"),
        (f"it answered {{'email': '{EMAIL}'}}", "it answered …"),
        (f"the key {SECRET} is refused", "the key … is refused"),
        ("postgresql://me:pass@host/shop fails", "… fails"),
        ("vip-rules.toml: [store] token_env is empty", "vip-rules.toml: [store] token_env is empty"),
        ("it said [1, 2]", "it said …"),
        ("two\nlines\x00", "two lines"),
        ("12,000 rows, where 9,999 were counted", "12,000 rows, where 9,999 were counted"),
    ],
)
def test_a_reason_repeats_nothing_of_others(text: str, written: str) -> None:
    assert cleaned(text) == written


def test_a_terminal_gets_lines_to_read() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    Logs.to(terminal, clock=lambda: NOON).of("atelier").quarantined(17, "orders/updated")
    shown = terminal.getvalue()
    assert shown.startswith("2026-11-20T12:00:00.000+00:00 [warning  ] quarantined")
    assert "topic=orders/updated number=17" in shown


def test_a_line_that_cant_be_written_stops_nothing() -> None:
    log, lines = logged()
    lines.close()
    log.of("atelier").stopped()
    log.of("atelier").stopped()
    assert log.lost == 2


def test_nobody_reads_a_silent_log() -> None:
    log = Logs.silent()
    log.of("atelier").mistaken("intake", ValueError())
    assert not log.takes("error")


def test_the_service_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "find_spec", lambda _: None)
    with pytest.raises(NotInstalled, match=r'pip install "vip-rules\[server\]"'):
        Logs.to(io.StringIO(), clock=lambda: NOON)


def test_events_name_fields_that_there_are_and_tell_what_they_are() -> None:
    said = list(events())
    assert len({each.name for each in said}) == len(said) > 15
    for each in said:
        assert set(each.fields) <= set(FIELDS)
        assert each.tells.endswith(".")
    used = {name for each in said for name in each.fields} | {"at", "level", "event", "shop", "dropped"}
    assert used == set(FIELDS), "a field that no event has"


def test_all_that_can_be_said_is_said_somewhere() -> None:
    said = "".join(path.read_text("utf-8") for path in (ROOT / "vip_rules").rglob("*.py"))
    assert not [
        each.name for each in events() if not re.search(rf"(\blog|_log|self|\))\.{each.name}\(", said)
    ]


def test_an_event_gives_all_its_fields() -> None:
    @event("info", "count", "number")
    def uneven(log: Log, /) -> tuple[object, ...]:
        return (1,)

    with pytest.raises(ValueError, match="zip"):
        uneven(logged()[0].of("atelier"))
