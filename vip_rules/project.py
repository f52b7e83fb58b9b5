"""A project: a shop's configuration, opened: its program, database and store, with all that works needs from outside."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from vip_rules.adapter import Adapter, Opening
from vip_rules.carriers import Means
from vip_rules.config import Config, plugins_off, read_config, read_document
from vip_rules.database.connection import Database
from vip_rules.localdays import local_day
from vip_rules.plugins import Catalogue, load_catalogue
from vip_rules.program.load import load_program
from vip_rules.program.program import Program
from vip_rules.rates import Rates

if TYPE_CHECKING:
    from vip_rules.channels.channel import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What comes from outside: the clock, waiting, randomness and the environment. Tests bring their own."""

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    entropy: Callable[[int], bytes] = os.urandom
    environment: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Project:
    """An open project. `document` is the program's JSON text; store and channels are opened once they are asked for."""

    config: Config
    catalogue: Catalogue
    program: Program
    document: str
    database: Database
    shop: int
    rates: Rates
    outside: Outside

    @cached_property
    def adapter(self) -> Adapter:
        """The store."""
        opening = Opening(
            settings=self.config.settings,
            currency=self.program.currency,
            timezone=self.program.timezone,
            clock=self.outside.clock,
            sleep=self.outside.sleep,
            entropy=self.outside.entropy,
            rates=self.rates,
            spend=self.program.spend,
        )
        return self.catalogue.adapters[self.config.adapter].open(opening)

    @cached_property
    def means(self) -> Means:
        """What effects are carried out with: channels before the store."""
        return Means(
            carriers=(*_channels(self.config, self.outside), self.adapter),
            clock=self.outside.clock,
            sleep=self.outside.sleep,
            entropy=self.outside.entropy,
        )

    def today(self) -> int:
        """The present local day of the program."""
        return local_day(self.outside.clock().isoformat(), self.program.timezone)

    def close(self) -> None:
        """Give back what was opened."""
        if "adapter" in vars(self):
            self.adapter.close()
        self.database.close()


@contextmanager
def open_project(path: Path, outside: Outside) -> Iterator[Project]:
    """The project of a configuration. Raises InvalidConfig, InvalidDocument, and what adapters and databases raise."""
    document = read_document(path)
    catalogue = load_catalogue(switched_off=plugins_off(document))
    config = read_config(path, document, catalogue.adapters, outside.environment)
    program = load_program(config.program, catalogue)
    rates = Rates() if config.rates is None else Rates.read(config.rates)
    database = Database.open(config.database, clock=outside.clock)
    try:
        shop = database.shop(
            config.shop,
            adapter=config.adapter,
            currency=program.currency.code,
            timezone=program.timezone.key,
        )
    except BaseException:
        database.close()
        raise
    project = Project(
        config=config,
        catalogue=catalogue,
        program=program,
        document=config.program.read_text("utf-8-sig"),
        database=database,
        shop=shop,
        rates=rates,
        outside=outside,
    )
    try:
        yield project
    finally:
        project.close()


def _channels(config: Config, outside: Outside) -> tuple[Channel, ...]:
    """Where messages go besides the store."""
    settings = config.messages
    # They take long to load, and most commands send nothing.
    if "file" in settings:
        from vip_rules.channels.outgoing_file import OutgoingFile

        return (OutgoingFile(Path(settings["file"])),)
    if "url" in settings:
        from vip_rules.channels.signed_post import SignedPost

        return (SignedPost(settings["url"], settings["secret"], clock=outside.clock),)
    return ()
