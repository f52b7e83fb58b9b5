"""Journals: what was appended stays, whole, whatever a crash leaves behind."""

import os
from pathlib import Path
from typing import Any

import pytest

from vip_rules.errors import InvalidInput
from vip_rules.journal import Journal

A = {"key": "a", "n": 1, "text": "15 % – für Ada"}
B = {"key": "b", "n": 2}


def journal(folder: Path, text: bytes | None = None) -> Journal:
    path = folder / "journal.jsonl"
    if text is not None:
        path.write_bytes(text)
    return Journal(path)


def test_a_journal_that_is_not_there_has_no_entries(tmp_path: Path) -> None:
    empty = journal(tmp_path)
    empty.append([])
    assert list(empty.entries()) == []
    assert empty.find(["a"]) == {}
    assert not empty.path.exists()


def test_entries_are_kept_in_order_as_they_are_written(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    kept.append([A])
    kept.append([B, A | {"n": 3}])
    assert list(Journal(kept.path).entries()) == [A, B, A | {"n": 3}]
    assert "für Ada" in kept.path.read_text("utf-8")


def test_the_latest_entry_of_a_key_is_found(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    kept.append([A, B])
    assert kept.find(["a", "c"]) == {"a": A}
    kept.append([A | {"n": 3}])
    assert kept.find(["b", "a"]) == {"a": A | {"n": 3}, "b": B}


def test_what_another_process_appends_is_found(tmp_path: Path) -> None:
    mine = journal(tmp_path)
    mine.append([A])
    assert mine.find(["a", "b"]) == {"a": A}
    Journal(mine.path).append([B])
    assert mine.find(["a", "b"]) == {"a": A, "b": B}


@pytest.mark.parametrize("larger", [False, True])
def test_a_file_that_was_replaced_is_read_anew(tmp_path: Path, larger: bool) -> None:
    kept = journal(tmp_path)
    kept.append([A, B])
    assert kept.find(["a"])
    other = tmp_path / "other"
    Journal(other).append([B | {"n": n} for n in range(9 if larger else 1)])
    other.replace(kept.path)
    assert kept.find(["a", "b"]) == {"b": B | {"n": 8 if larger else 0}}
    kept.path.unlink()
    assert kept.find(["b"]) == {}


def test_every_torn_end_is_mended(tmp_path: Path) -> None:
    """Wherever a crash cuts the last line, what stood before it stays, and what comes after it is whole."""
    journal(tmp_path).append([A, B])
    whole = (tmp_path / "journal.jsonl").read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole) + 1):
        torn = journal(tmp_path, whole[:cut])
        left: list[dict[str, Any]] = [A, B] if cut >= len(whole) - 1 else [A]
        assert list(torn.entries()) == left
        assert set(torn.find(["a", "b"])) == {entry["key"] for entry in left}
        torn.append([B | {"n": 3}])
        assert list(torn.entries()) == [*left, B | {"n": 3}]
        assert torn.find(["b"]) == {"b": B | {"n": 3}}
        assert torn.path.read_bytes().startswith(whole[:first])


def test_a_torn_end_may_be_long_or_all_there_is(tmp_path: Path) -> None:
    long = b'{"key": "' + b"x" * 200_000
    for text in (long, b"\0" * 100, b'{"key": "a"}\n' + long):
        torn = journal(tmp_path, text)
        torn.append([B])
        assert list(torn.entries())[-1] == B
        assert torn.path.stat().st_size < 100


@pytest.mark.parametrize("line", [b"no JSON", b"[1]", b'{"n": 1}', b'{"key": 1}', b"\xff", b"[" * 100_000])
def test_a_damaged_line_is_named(tmp_path: Path, line: bytes) -> None:
    damaged = journal(tmp_path, b'{"key": "a"}\n' + line + b"\n")
    with pytest.raises(InvalidInput, match=r"journal\.jsonl:2: expected a JSON object"):
        list(damaged.entries())
    with pytest.raises(InvalidInput, match=r"journal\.jsonl:2: "):
        damaged.find(["a"])


def test_any_text_can_be_kept(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    odd = {"key": "\u2028\n\x00\\", "text": "half \udc80, whole 😀"}
    kept.append([odd])
    assert list(kept.entries()) == [odd]
    assert kept.find([odd["key"]]) == {odd["key"]: odd}


def test_what_is_no_json_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    kept = journal(tmp_path)
    with pytest.raises(ValueError, match="float"):
        kept.append([A, {"key": "b", "n": float("nan")}])
    assert not kept.path.exists()


def test_entries_are_on_the_disk_before_append_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = journal(tmp_path)
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(kept.path.stat().st_size))
    kept.append([A])
    assert synced[0] == kept.path.stat().st_size > 0
    assert len(synced) == 2, "the file, and its name in the folder"


def test_settling_mends_what_a_crash_left_and_brings_it_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    journal(tmp_path).settle()
    assert not journal(tmp_path).path.exists()
    for text, left in [(b'{"key": "a"}', b'{"key": "a"}\n'), (b'{"key": "a"}\n{"key"', b'{"key": "a"}\n')]:
        torn = journal(tmp_path, text)
        torn.settle()
        assert torn.path.read_bytes() == left
    assert len(synced) == 2
