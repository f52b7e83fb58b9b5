import json
from pathlib import Path
from typing import Any

import pytest

from tests.files.adapting import NOW
from vip_rules.adapter import KINDS, Confirmed, Found, Intent, Missing, Refused, Unknown, Unreadable
from vip_rules.files.worklist import CAPABILITIES, Worklist
from vip_rules.journal import Journal

GOLD = {"tags": ["vip-gold"], "fields": {"tier": "gold", "benefits": ["15 % discount"]}}
CREDIT = {"amount": "25.00", "currency": "USD", "occasion": "birthday", "day": "2026-05-03", "tier": "gold"}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def worklist(out: Path) -> Worklist:
    return Worklist(out, lambda: NOW)


def tags(payload: Any = GOLD, **more: Any) -> Intent:
    return Intent(key="customer:7", kind="customer", payload=payload, customer_id="7", **more)


def credit(amount: str = "25.00") -> Intent:
    payload = {**CREDIT, "amount": amount}
    return Intent(key="birthday:2026:7", kind="store_credit", payload=payload, customer_id="7")


def lines(out: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / name).read_text().splitlines()]


def test_all_kinds_of_effects_can_be_written_down() -> None:
    assert CAPABILITIES.keys() == KINDS.keys()
    assert CAPABILITIES["message"].does == (
        "Written to message.jsonl; a person or a script carries it out in the store."
    )


def test_an_effect_is_a_line_with_what_was_known_before(worklist: Worklist, out: Path) -> None:
    assert worklist.write([tags(known={"tags": [], "fields": {}})]) == [Confirmed("customer.jsonl")]
    assert lines(out, "customer.jsonl") == [
        {
            "key": "customer:7",
            "action": "put",
            "customer_id": "7",
            "payload": GOLD,
            "known": {"tags": [], "fields": {}},
            "written_at": "2026-05-03T12:00:00+00:00",
        }
    ]


def test_outcomes_are_in_the_order_of_the_intents(worklist: Worklist, out: Path) -> None:
    other = Intent(key="customer:8", kind="customer", payload=GOLD)
    outcomes = worklist.write([tags(), credit(), other])
    assert outcomes == [
        Confirmed("customer.jsonl"),
        Confirmed("store_credit.jsonl"),
        Confirmed("customer.jsonl"),
    ]
    assert [line["key"] for line in lines(out, "customer.jsonl")] == ["customer:7", "customer:8"]


def test_what_is_written_is_found_again(worklist: Worklist, out: Path) -> None:
    assert worklist.look([tags()]) == [Missing()]
    worklist.write([tags(), credit()])
    for reader in (worklist, Worklist(out, lambda: NOW)):
        assert reader.look([credit(), tags()]) == [
            Found(CREDIT, "store_credit.jsonl"),
            Found(GOLD, "customer.jsonl"),
        ]


def test_the_last_line_of_a_key_holds(worklist: Worklist) -> None:
    silver = {"tags": ["vip-silver"], "fields": {}}
    worklist.write([tags(), tags(silver)])
    assert worklist.look([tags()]) == [Found(silver, "customer.jsonl")]
    worklist.write([tags(action="remove")])
    assert worklist.look([tags()]) == [Missing()]
    worklist.write([tags()])
    assert worklist.look([tags()]) == [Found(GOLD, "customer.jsonl")]


def test_nothing_is_written_twice_for_people_to_do_twice(worklist: Worklist, out: Path) -> None:
    worklist.write([credit(), credit(), tags({"tags": ("vip-gold",), "fields": GOLD["fields"]})])
    again = Worklist(out, lambda: NOW)
    assert again.write([credit(), tags()]) == [Confirmed("store_credit.jsonl"), Confirmed("customer.jsonl")]
    assert len(lines(out, "store_credit.jsonl")) == len(lines(out, "customer.jsonl")) == 1


def test_what_happens_once_isnt_written_with_another_content(worklist: Worklist, out: Path) -> None:
    worklist.write([credit()])
    (outcome,) = worklist.write([credit("30.00")])
    assert isinstance(outcome, Refused)
    assert [line["payload"]["amount"] for line in lines(out, "store_credit.jsonl")] == ["25.00"]


def test_a_folder_that_cant_be_written_to_is_a_refusal_that_says_so(worklist: Worklist, out: Path) -> None:
    """Nothing was done, and that is known: it isn't a matter of doubt."""
    out.write_text("a file where the folder should be")
    (outcome,) = worklist.write([tags()])
    assert isinstance(outcome, Refused)
    assert "customer.jsonl can't be written: File exists" in outcome.reason


def test_a_disk_that_fails_leaves_the_outcome_unknown(
    worklist: Worklist, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Journal, "append", full)
    (outcome,) = worklist.write([tags()])
    assert isinstance(outcome, Unknown)
    assert "customer.jsonl couldn't be written: No space left" in outcome.reason


def test_a_line_cut_off_by_a_crash_was_not_written(worklist: Worklist, out: Path) -> None:
    worklist.write([tags(), Intent(key="customer:8", kind="customer", payload=GOLD)])
    whole = (out / "customer.jsonl").read_bytes()
    (out / "customer.jsonl").write_bytes(whole[:-20])
    fresh = Worklist(out, lambda: NOW)
    eight = Intent(key="customer:8", kind="customer", payload=GOLD)
    assert fresh.look([eight, tags()]) == [Missing(), Found(GOLD, "customer.jsonl")]
    fresh.write([eight])
    assert (out / "customer.jsonl").read_bytes() == whole


def test_a_file_that_somebody_broke_is_told_and_not_written_to(worklist: Worklist, out: Path) -> None:
    worklist.write([tags()])
    broken = "# mine\n" + (out / "customer.jsonl").read_text()
    (out / "customer.jsonl").write_text(broken)
    fresh = Worklist(out, lambda: NOW)
    (outcome,), (sight,) = fresh.write([tags()]), fresh.look([tags()])
    assert isinstance(outcome, Refused)
    assert isinstance(sight, Unreadable)
    assert "customer.jsonl:1: expected a JSON object" in outcome.reason
    assert (out / "customer.jsonl").read_text() == broken


def test_many_keys_are_looked_up_without_reading_the_file_again_and_again(worklist: Worklist) -> None:
    intents = [Intent(key=f"customer:{n}", kind="customer", payload={"n": n}) for n in range(3_000)]
    for start in range(0, len(intents), 1_000):
        worklist.write(intents[start : start + 1_000])
    sights = [sight for intent in intents for sight in worklist.look([intent])]
    assert sights == [Found({"n": n}, "customer.jsonl") for n in range(3_000)]
