"""`vip-rules plans` as a person calls it, and what status and the doctor say of plans and jobs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commanding import Commanding
from tests.server.asking import NOON, waiting_plan
from vip_rules.cli import plans as cli_plans
from vip_rules.cli import project as cli_project
from vip_rules.database.bulk import put
from vip_rules.database.tables import jobs
from vip_rules.ledger import latest_entries
from vip_rules.operations import proposals
from vip_rules.plan import Plan
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
def plan(project: Project) -> Plan:
    """A plan that waits: bruno becomes gold."""
    return waiting_plan(project)


def test_the_command_knows_all_states() -> None:
    assert cli_plans.STATES == proposals.STATES


def test_plans_are_listed(plan: Plan, person: Commanding) -> None:
    head, _, line = person.says("plans", "list").splitlines()
    assert head.split() == ["plan", "for", "made", "state", "why"]
    assert line.split(maxsplit=5)[:2] == [plan.hash[:8], "2026-11-20"]
    assert line.endswith("a person should look at it")
    assert person.data("plans", "list")[0]["hash"] == plan.hash
    assert person.says("plans", "list", "--state", "refused") == "No plan is refused.\n"


def test_no_plan_waits(project: Project, person: Commanding) -> None:
    assert person.says("plans", "list") == "No plan waits for a person.\n"
    assert "there is none" in person.refuses("plans", "show", "01234567")


def test_a_plan_is_shown_as_plan_does(plan: Plan, person: Commanding) -> None:
    said = person.says("plans", "show", plan.hash[:8])
    for line in (
        f"Plan {plan.hash[:8]} for 2026-11-20, made 2026-11-20 17:00:00 UTC: waiting",
        "! a person should look at it",
        "~ enrolment to Gold VIP",
        "bruno: qualifies for Gold VIP",
        f"vip-rules plans approve {plan.hash[:8]} applies it",
    ):
        assert line in said, said
    assert person.data("plans", "show", plan.hash)["plan"] == plan.record()


def test_a_plan_is_named_by_eight_signs_at_least(plan: Plan, person: Commanding) -> None:
    for command in (("show",), ("approve",), ("refuse", "--reason", "x")):
        said = person.refuses("plans", command[0], plan.hash[:7], *command[1:])
        assert f"expected one of {plan.hash[:8]}" in said


def test_an_approved_plan_is_applied_at_once(plan: Plan, person: Commanding) -> None:
    said = person.says("plans", "approve", plan.hash[:8], "--by", "Ann")
    assert said.startswith(f"Approved plan {plan.hash[:8]}.\nApplied plan {plan.hash[:8]}: 1 standing, ")
    assert person.data("explain", "bruno")["tier"] == "gold"
    shown = person.data("plans", "show", plan.hash)
    assert (shown["state"], shown["decided_by"], shown["plan"]) == ("approved", "Ann", None)
    assert "approved by Ann, 2026-11-20 17:00:00 UTC" in person.says("plans", "show", plan.hash)
    assert "no waiting plan" in person.refuses("plans", "approve", plan.hash)


def test_approving_tells_the_same_as_data(plan: Plan, person: Commanding) -> None:
    told = person.data("plans", "approve", plan.hash)
    assert (told["hash"], told["hindrance"]) == (plan.hash, None)
    assert [each["hash"] for each in told["applied"]] == [plan.hash]


def test_while_another_is_at_work_it_is_left_to_the_service(
    plan: Plan, person: Commanding, project: Project
) -> None:
    with project.database.lock(project.shop):
        said = person.says("plans", "approve", plan.hash)
    assert "It isn't applied yet: another apply is running" in said
    assert person.data("explain", "bruno")["tier"] == "silver"
    applied = proposals.apply_approved(
        project.database, project.shop, project.program, project.means, project.document
    )
    assert [each.hash for each in applied] == [plan.hash]


def test_in_a_paused_shop_it_is_applied_after_the_pause(
    plan: Plan, person: Commanding, project: Project
) -> None:
    person.says("pause", "--reason", "stocktaking", "--by", "Ann")
    said = person.says("plans", "approve", plan.hash)
    assert "It isn't applied yet: paused by Ann (stocktaking): vip-rules resume goes on." in said
    assert person.data("plans", "show", plan.hash)["state"] == "approved"
    person.says("resume")
    applied = proposals.apply_approved(
        project.database, project.shop, project.program, project.means, project.document
    )
    assert [each.hash for each in applied] == [plan.hash]


def test_a_plan_whose_day_is_over_isnt_applied(plan: Plan, person: Commanding, clock: StoppedClock) -> None:
    clock.advance(days=1)
    assert "that day is over" in person.refuses("plans", "approve", plan.hash)
    assert person.data("plans", "show", plan.hash)["state"] == "refused"


def test_a_plan_is_refused(plan: Plan, person: Commanding, project: Project) -> None:
    said = person.says("plans", "refuse", plan.hash[:9], "--reason", "a mistake", "--by", "Ann")
    assert said.startswith(f"Refused plan {plan.hash[:8]}")
    line = person.says("plans", "list", "--state", "refused").splitlines()[-1]
    assert line.endswith("refused by Ann  a mistake")
    assert person.data("explain", "bruno")["tier"] == "silver"
    with project.database.reading() as connection:
        (entry,) = latest_entries(connection, project.shop, "refusal", 1)
    assert entry.says is not None
    assert (entry.says["by"], entry.says["reason"]) == ("Ann", "a mistake")


# What status and the doctor say


def test_status_tells_of_plans_and_jobs_once_there_are_any(project: Project, person: Commanding) -> None:
    said = person.says("status")
    assert "Plans" not in said
    assert "Jobs" not in said
    waiting_plan(project)
    _ran(project, "daily", "done")
    _ran(project, "reconcile", "failed", "the store doesn't answer")
    said = person.says("status")
    assert "Plans    1 waiting for a person: vip-rules plans list" in said
    assert "Jobs     daily done at 2026-11-20 17:00:00 UTC" in said
    assert "         reconcile failed at 2026-11-20 17:00:00 UTC: the store doesn't answer" in said


def test_the_doctor_finds_plans_and_jobs(plan: Plan, person: Commanding, project: Project) -> None:
    _ran(project, "daily", "done")
    _ran(project, "nightly", "refused", "the first plan is a person's")
    _ran(project, "reconcile", "failed", "the store doesn't answer")
    said = person.says("doctor")
    assert "! plans    1 waiting for a person" in said
    assert "nightly refused at 2026-11-20T17:00:00+00:00: the first plan is a person's" in said
    assert "reconcile failed at 2026-11-20T17:00:00+00:00: the store doesn't answer" in said
    assert "none has run since" not in said


def test_the_doctor_notices_that_nobody_works(
    project: Project, person: Commanding, clock: StoppedClock
) -> None:
    assert "jobs" not in person.says("doctor")
    _ran(project, "daily", "done")
    clock.advance(seconds=26 * 3600)
    assert "jobs" not in person.says("doctor")
    clock.advance(seconds=1)
    assert "none has run since 2026-11-20T17:00:00+00:00" in person.says("doctor")


def _ran(project: Project, name: str, outcome: str, *says: str) -> None:
    """A job has run just now."""
    import json

    now = project.means.now()
    failures = int(outcome == "failed")
    row = (project.shop, name, now, now, now, outcome, json.dumps(says), failures, now if failures else None)
    with project.database.writing() as connection:
        put(connection, jobs, [row])
