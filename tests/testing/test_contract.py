"""The store in memory keeps the contract, and adapters that break it are found out."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.testing.memory import MemoryWorkbench
from vip_rules.testing import adapter_contract

TestMemory = adapter_contract(MemoryWorkbench)


BROKEN = {
    "Doubles": "what_is_idempotent_happens_once_however_often_it_is_sent[message]",
    "TidiesTags": "what_is_not_ours_is_never_touched[customer]",
    "TidiesDiscounts": "what_is_not_ours_is_never_touched[discount]",
    "Raises": "kinds_that_are_not_declared_are_refused",
    "Boasts": "after_a_lost_request_a_look_tells_the_truth[store_credit]",
    "Forgets": "a_store_that_does_not_answer_a_look_is_unreadable[message]",
    "GivesUp": "after_a_lost_answer_a_look_tells_the_truth[store_credit]",
    "Hopes": "a_refusal_is_told_with_its_reason[discount]",
    "Leaks": "after_a_lost_answer_a_look_tells_the_truth[message]",
    "Adds": "a_state_is_changed_wholly[customer]",
    "Reorders": "answers_come_in_the_order_of_the_intents",
    "Nosy": "personal_data_is_told_only_if_wanted",
    "Skips": "an_incremental_reading_tells_what_changed",
    "Repeats": "a_full_reading_tells_everything_exactly_once",
    "EndsQuietly": "a_reading_that_breaks_off_says_so",
    "Naive": "what_is_told_is_typed",
}
"""Adapters of broken.py, each with a test that finds it out."""


@pytest.fixture(scope="module")
def failed() -> dict[str, str]:
    """The tests of BROKEN that fail."""
    here = Path(__file__).parent
    tests = [f"{here / 'broken.py'}::Test{broken}::test_{test}" for broken, test in BROKEN.items()]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rf", "--tb=no", "-p", "no:cacheprovider", *tests],
        cwd=here.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout
    return dict(re.findall(r"^FAILED \S+::Test(\w+)::test_(\S+)", run.stdout, re.MULTILINE))


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_adapter_is_found_out(failed: dict[str, str], broken: str) -> None:
    assert failed.get(broken) == BROKEN[broken]
