"""Messages in a file: each there once, whole, and found again after any crash."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.channels.messages import LATER, WARNING, CannotWrite, Writes, messages
from vip_rules.adapter import Confirmed, Found, Missing, Refused, RetryAfter, Unknown, Unreadable
from vip_rules.channels.outgoing_file import OutgoingFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "messages.jsonl"


def lines(path: Path) -> list[str]:
    return [json.loads(line)["key"] for line in path.read_text("utf-8").splitlines()]


def test_a_message_is_a_line_with_its_key_and_customer(path: Path) -> None:
    assert OutgoingFile(path).carry_out([WARNING]) == [Confirmed()]
    assert json.loads(path.read_text("utf-8")) == {
        "key": "demotion_warning:2026:1",
        "customer_id": "1",
        **WARNING.payload,
    }


def test_a_message_is_written_once_however_often_it_is_sent(path: Path) -> None:
    channel = OutgoingFile(path)
    assert channel.carry_out([WARNING, WARNING, LATER]) == [Confirmed()] * 3
    assert channel.carry_out([LATER]) == OutgoingFile(path).carry_out([WARNING]) == [Confirmed()]
    assert lines(path) == [WARNING.key, LATER.key]


def test_messages_are_found_as_they_were_sent(path: Path) -> None:
    channel = OutgoingFile(path)
    assert channel.look([WARNING]) == [Missing()]
    channel.carry_out([LATER])
    assert channel.look([WARNING, LATER]) == [Missing(), Found(LATER.payload)]


def test_what_the_customer_reads_goes_along_and_the_message_is_found_as_it_was(path: Path) -> None:
    tagged = replace(LATER, payload={**LATER.payload, "language": "ko-KR"})
    channel = OutgoingFile(path, Writes())
    assert channel.carry_out([WARNING, tagged]) == [Confirmed()] * 2
    for line in path.read_text("utf-8").splitlines():
        entry = json.loads(line)
        assert (entry["subject"], entry["language"]) == ("골드 등급 유지 안내", "ko")
        assert entry["body"] == "고객님, 안녕하세요.\n"
    assert channel.look([WARNING, tagged]) == [Found(WARNING.payload), Found(tagged.payload)]


def test_a_letter_that_cannot_be_written_is_refused_unless_it_was_written_before(path: Path) -> None:
    OutgoingFile(path, Writes()).carry_out([WARNING])
    outcomes = OutgoingFile(path, CannotWrite()).carry_out([WARNING, LATER])
    assert outcomes == [Confirmed(), Refused("templates/x.txt:3: mend it")]
    assert lines(path) == [WARNING.key]


def test_an_unknown_outcome_is_resolved_wherever_a_crash_cut_the_file(path: Path) -> None:
    OutgoingFile(path).carry_out([WARNING])
    OutgoingFile(path).carry_out([LATER])
    whole = path.read_bytes()
    first, end = whole.index(b"\n") + 1, len(whole)
    for cut in (*range(first, end, 9), end - 1, end):
        path.write_bytes(whole[:cut])
        channel = OutgoingFile(path)
        (sight,) = channel.look([LATER])
        assert isinstance(sight, Found if cut >= end - 1 else Missing)
        assert channel.carry_out([LATER]) == [Confirmed()]
        assert path.read_bytes() == whole


def test_a_batch_reaches_the_disk_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = OutgoingFile(path)
    channel.carry_out([LATER])
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    assert channel.carry_out(messages(50)) == [Confirmed()] * 50
    assert lines(path) == [LATER.key, *(intent.key for intent in messages(50))]
    assert len(synced) == 2, "once for what was there, once for all that is new"


def test_a_write_that_fails_is_unknown(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    channel = OutgoingFile(path)
    assert channel.look([WARNING]) == [Missing()]
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        (outcome,) = channel.carry_out([WARNING])
    assert outcome == Unknown(
        f"the file of outgoing messages couldn't be written: {path}: No space left on device"
    )
    assert channel.carry_out([WARNING]) == [Confirmed()]
    assert lines(path) == [WARNING.key]


def test_a_damaged_file_is_named_and_nothing_is_written(path: Path) -> None:
    path.write_text("Dear Ada\n")
    channel = OutgoingFile(path)
    (outcome,), (sight,) = channel.carry_out([WARNING]), channel.look([WARNING])
    assert isinstance(outcome, RetryAfter)
    assert isinstance(sight, Unreadable)
    assert f"{path}:1: " in outcome.reason
    assert f"{path}:1: " in sight.reason
    assert path.read_text() == "Dear Ada\n"


def test_only_messages_are_sent_and_none_is_taken_back(path: Path) -> None:
    others = [replace(WARNING, kind="gift"), replace(LATER, action="remove")]
    outcomes = OutgoingFile(path).carry_out([others[0], WARNING, others[1]])
    assert [type(outcome) for outcome in outcomes] == [Refused, Confirmed, Refused]
    assert lines(path) == [WARNING.key]
