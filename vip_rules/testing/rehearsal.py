"""A shop's days gone through again and again, each time with an accident at another moment."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from vip_rules.adapter import Adapter, PlatformFailed
from vip_rules.canonical import digest
from vip_rules.testing.databases import Databases
from vip_rules.testing.days import Day, days, document
from vip_rules.testing.dying import Life, Points, die, live, lose
from vip_rules.testing.endings import (
    Ending,
    assert_ended_well,
    assert_nothing_is_left,
    assert_went_well,
    ending,
)
from vip_rules.testing.merchant import PLAN, Merchant, merchant
from vip_rules.testing.workbench import Workbench

Accident = Literal["killed", "cut off"]
"""The process dies at a COMMIT or a request; or it lives on, and a request is lost, or its answer."""

Opener = Callable[[], Adapter]


@dataclass(frozen=True, slots=True)
class Straight:
    """A day without an accident: folder and store before it and after it, its points for each accident, and how it ended."""

    before: Path
    store_before: object
    after: Path
    store_after: object
    points: Mapping[Accident, int]
    ending: Ending


class Rehearsal:
    """The days of a workbench's shop, the first in an empty database. Everything is kept under a folder."""

    def __init__(self, workbench: Workbench, databases: Databases, folder: Path) -> None:
        self._workbench, self._databases, self._folder = workbench, databases, folder
        self._opener = workbench.opener()
        with closing(self._opener()) as adapter:
            self._batch = adapter.batch
            self._document = document(adapter.shop())
        self._first, self._later = days(workbench)
        self._straight: dict[str, Straight] = {}

    def straight(self, name: str) -> Straight:
        """A day without an accident: what the others are compared with. Asserts that it went well."""
        if name not in self._straight:
            self._straight[name] = self._go_through(self._day(name))
        return self._straight[name]

    def check(
        self,
        name: str,
        accident: Accident,
        chunk: int,
        chunks: int,
        *,
        in_turns: bool = False,
        every: int = 1,
    ) -> None:
        """Assert that a day ends well whatever moment the accident happens at; for one of so many parts of the moments.

        After each it is gone on in both ways, or, which is quicker, in the one and the other `in_turns`. Of so many moments
        one is tried if not `every` one is.
        """
        straight, day = self.straight(name), self._day(name)
        # What a process leaves that dies after one thing is what it leaves when it dies before the next.
        step = 2 if accident == "killed" else 1
        moments = range(step, straight.points[accident] + 1, step)[::every]
        size = len(moments) // chunks + 1
        left: list[tuple[str, object]] = []
        for deadly in moments[chunk * size : (chunk + 1) * size]:
            with self._copy(straight.before, straight.store_before) as folder:
                life = self._live(folder, day, accident, deadly)
                assert life.points >= deadly, f"{name}: there was no moment {deadly} this time"
                state = self._state(folder), self._workbench.snapshot()
                # What was gone on from once ends the same way again.
                if state in left:
                    continue
                left.append(state)
                ways = (apply_again, plan_anew)
                for go_on in ways[len(left) % 2 :][:1] if in_turns else ways:
                    with self._copy(folder, state[1]) as copy, self._at_work(copy, day) as shop:
                        self._check_end(shop, go_on, straight, f"{name}, {accident} at {deadly}")

    def _check_end(
        self, shop: Merchant, go_on: Callable[[Merchant], None], straight: Straight, moment: str
    ) -> None:
        try:
            go_on(shop)
            assert_ended_well(ending(shop, self._workbench), straight.ending, self._batch)
            assert_nothing_is_left(shop)
        except Exception as error:
            error.add_note(f"{moment}; went on by {go_on.__name__}")
            raise

    def _go_through(self, day: Day) -> Straight:
        if day is self._first:
            before = self._folder.joinpath("before")
            before.mkdir()
            with self._at_work(before, day):
                pass
        else:
            earlier = self.straight(self._first.name)
            before = earlier.after
            before.joinpath(PLAN).unlink()
            self._workbench.restore(earlier.store_after)
        self._workbench.fill(day.customers, day.orders, self._workbench.events if day is self._first else ())
        store = self._workbench.snapshot()
        with self._copy(before, store) as copy:
            cut_off = self._live(copy, day, "cut off").points
        after = self._folder.joinpath(day.name)
        shutil.copytree(before, after)
        self._workbench.restore(store)
        killed = self._live(after, day, "killed").points
        store_after = self._workbench.snapshot()
        with self._at_work(after, day) as shop:
            ended = ending(shop, self._workbench)
            assert_went_well(ended, shop.adapter.capabilities.keys() - {"message"})
            assert_nothing_is_left(shop)
        return Straight(before, store, after, store_after, {"killed": killed, "cut off": cut_off}, ended)

    def _live(self, folder: Path, day: Day, accident: Accident, deadly: int = 0) -> Life:
        work, fate = (trade, die) if accident == "killed" else (trade_on, lose)
        preload = ["vip_rules.testing.forked", type(self._workbench).__module__]
        with self._databases.of(folder) as url:
            arguments = (folder, url, self._opener, self._document, day.now)
            return live(work, *arguments, deadly=deadly, fate=fate, preload=preload)

    def _day(self, name: str) -> Day:
        return next(day for day in (self._first, self._later) if day.name == name)

    @contextmanager
    def _at_work(self, folder: Path, day: Day) -> Iterator[Merchant]:
        with (
            self._databases.of(folder) as url,
            merchant(folder, url, self._opener, self._document, day.now) as shop,
        ):
            yield shop

    def _state(self, folder: Path) -> str:
        """A digest of all that a process leaves in its folder."""
        return digest(self._databases.state(folder), str(folder.joinpath(PLAN).exists()))

    @contextmanager
    def _copy(self, folder: Path, store: object) -> Iterator[Path]:
        """A folder's copy, with the store as it was at a snapshot."""
        self._workbench.restore(store)
        with TemporaryDirectory(dir=self._folder) as copy:
            yield shutil.copytree(folder, Path(copy), dirs_exist_ok=True)


def apply_again(shop: Merchant) -> None:
    """Go on with the plan that was made, if one was."""
    shop.sync()
    shop.apply(shop.kept() or shop.plan())


def plan_anew(shop: Merchant) -> None:
    """Go on with a new plan."""
    shop.sync()
    shop.apply(shop.plan())


def trade(
    points: Points, folder: Path, url: str, opener: Opener, document: Mapping[str, Any], now: datetime
) -> None:
    """Go through a day in this process, with a point before and after each COMMIT and each request."""
    points.commits()
    points.requests()
    with merchant(folder, url, opener, document, now) as shop:
        _trade(shop, points)


def trade_on(
    points: Points, folder: Path, url: str, opener: Opener, document: Mapping[str, Any], now: datetime
) -> None:
    """Go through a day in this process, with a point before and after each request, until the store can't be read."""
    points.requests()
    with merchant(folder, url, opener, document, now) as shop, suppress(PlatformFailed):
        _trade(shop, Points())


def _trade(shop: Merchant, points: Points) -> None:
    shop.sync()
    points.around(shop.write)(shop.plan())
    shop.apply(shop.kept() or shop.plan())
