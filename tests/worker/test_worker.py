from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

from tests.apply.atelier import Atelier, order
from tests.worker.bench import project_of, silent
from vip_rules.database.failure import AtWork
from vip_rules.errors import VipRulesError
from vip_rules.testing.clock import StoppedClock
from vip_rules.worker.sources import Sources
from vip_rules.worker.turn import Turn
from vip_rules.worker.worker import Worker, everything_of


class Part:
    """A stage that does what it is told."""

    def __init__(self, do: Callable[[], bool]) -> None:
        self.do, self.runs = do, 0

    def run(self) -> bool:
        self.runs += 1
        return self.do()


def failing(error: Exception) -> Callable[[], bool]:
    def fail() -> bool:
        raise error

    return fail


def micros(clock: StoppedClock) -> Callable[[], int]:
    return lambda: int(clock().timestamp()) * 1_000_000


def test_a_stage_that_fails_rests_and_the_others_go_on(atelier: Atelier) -> None:
    bad, good = Part(failing(VipRulesError("busy"))), Part(lambda: False)
    turn = Turn({"bad": bad, "good": good}, silent(), micros(atelier.clock))
    assert not turn.take()
    assert not turn.take()
    assert (bad.runs, good.runs) == (1, 2)
    atelier.clock.advance(seconds=2)
    turn.take()
    atelier.clock.advance(seconds=2)
    turn.take()
    assert bad.runs == 2
    atelier.clock.advance(seconds=2)
    turn.take()
    assert bad.runs == 3


def test_a_stage_that_works_again_is_as_good_as_new(atelier: Atelier) -> None:
    part = Part(failing(ZeroDivisionError()))
    turn = Turn({"part": part}, silent(), micros(atelier.clock))
    turn.take()
    part.do = lambda: True
    atelier.clock.advance(seconds=2)
    assert turn.take()
    part.do = failing(VipRulesError("busy"))
    turn.take()
    atelier.clock.advance(seconds=2)
    turn.take()
    assert part.runs == 4


def test_who_finds_another_at_work_asks_again_at_once(atelier: Atelier) -> None:
    part = Part(failing(AtWork("another apply is running")))
    turn = Turn({"part": part}, silent(), micros(atelier.clock))
    assert not turn.take()
    assert not turn.take()
    assert part.runs == 2


def test_files_that_change_are_noticed_once(atelier: Atelier) -> None:
    project = project_of(atelier)
    files = [project.config.file, project.config.program]
    for file in files:
        file.write_text("{}")
    sources = Sources(project)
    assert not sources.changed()
    for file in files:
        file.write_text("{ }")
        assert sources.changed()
        assert not sources.changed()


def test_templates_of_the_shop_are_files_of_it(atelier: Atelier) -> None:
    project = project_of(atelier)
    for file in (project.config.file, project.config.program):
        file.write_text("{}")
    folder = atelier.folder / "templates"
    folder.mkdir()
    sources = Sources(replace(project, config=replace(project.config, messages={"templates": str(folder)})))
    (folder / "welcome.txt").write_text("Subject: Hello\n\nHello")
    assert sources.changed()
    assert not sources.changed()


def test_a_file_that_is_being_replaced_is_no_change_yet(atelier: Atelier) -> None:
    project = project_of(atelier)
    for file in (project.config.file, project.config.program):
        file.write_text("{}")
    sources = Sources(project)
    project.config.program.unlink()
    assert not sources.changed()
    project.config.program.write_text("{  }")
    assert sources.changed()


def test_work_ends_when_it_is_told_to(atelier: Atelier) -> None:
    stopping, nudge = Event(), Event()
    thread = running(atelier, stopping, nudge)
    stopping.set()
    nudge.set()
    thread.join(10)
    assert not thread.is_alive()


def test_work_ends_when_the_program_is_another(atelier: Atelier) -> None:
    stopping, nudge = Event(), Event()
    thread = running(atelier, stopping, nudge)
    (atelier.folder / "program.json").write_text("another")
    nudge.set()
    thread.join(10)
    assert not thread.is_alive()


def test_once_ends_with_nothing_left_to_do_also_of_what_the_clock_brought(atelier: Atelier) -> None:
    project = project_of(atelier)
    for file in (project.config.file, project.config.program):
        file.write_text("{}")
    atelier.apply()

    def works() -> None:
        Worker(of=everything_of, log=silent(), once=True).work_on(project)

    works()
    atelier.store.put_order(order("cat", 900))
    atelier.clock.advance(seconds=900)
    works()
    assert atelier.tiers()["cat"] == "gold"


def running(shop: Atelier, stopping: Event, nudge: Event) -> Thread:
    """A worker that has begun, and finds nothing to do."""
    begun = Event()
    project = project_of(shop)
    for file in (project.config.file, project.config.program):
        Path(file).write_text("{}")

    def none() -> bool:
        begun.set()
        return False

    def of(*_: Any) -> dict[str, Any]:
        return {"part": Part(none)}

    worker = Worker(of=of, log=silent(), stopping=stopping, nudge=nudge)
    thread = Thread(target=worker.work_on, args=(project,))
    thread.start()
    begun.wait(10)
    return thread
