"""A project: a shop's configuration, opened: its program, database and store, with all that works needs from outside."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from vip_rules.adapter import Adapter, Opening, Stopping
from vip_rules.carriers import Means
from vip_rules.channels.quiet_hours import QuietHours
from vip_rules.config import Config, plugins_off, read_config, read_document
from vip_rules.database.connection import Database
from vip_rules.errors import NotInstalled
from vip_rules.localdays import local_day
from vip_rules.operations.hand import Hand
from vip_rules.plugins import Catalogue, load_catalogue
from vip_rules.program.load import load_program
from vip_rules.program.program import Program
from vip_rules.rates import Rates

if TYPE_CHECKING:
    from vip_rules.channels.channel import Channel
    from vip_rules.letters.letters import Letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What comes from outside: the clock, waiting, randomness and the environment. Tests bring their own.

    `patience` is how many seconds at most to wait for a busy store; what runs long asks whether it is `stopping`.
    """

    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    entropy: Callable[[int], bytes] = os.urandom
    # It has secrets in it.
    environment: Mapping[str, str] = field(repr=False)
    patience: int = 60
    stopping: Callable[[], bool] = lambda: False

    def wait(self, seconds: float) -> None:  # not money
        """Wait for a store. Raises Stopping as `go_on` does: whoever asks it again and again comes to an end, too."""
        self.sleep(seconds)
        self.go_on()

    def go_on(self) -> None:
        """Between parts of what runs long. Raises Stopping where nothing more is to be begun."""
        if self.stopping():
            raise Stopping("the work was asked to stop, and goes on at the next start")


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
            sleep=self.outside.wait,
            entropy=self.outside.entropy,
            rates=self.rates,
            spend=self.program.spend,
        )
        return self.catalogue.adapters[self.config.adapter].open(opening)

    @cached_property
    def letters(self) -> Letters:
        """Who writes the letters of messages. Raises NotInstalled, and InvalidTemplate for the shop's own templates."""
        try:
            from vip_rules.letters.letters import Letters
        except ModuleNotFoundError as error:
            raise NotInstalled(
                f'letters need {error.name}, which is not installed: run pip install "vip-rules[messages]"'
            ) from None
        settings = self.config.messages
        letters = Letters(
            self.program,
            self.catalogue.metrics,
            self.catalogue.benefits,
            folder=Path(settings["templates"]) if "templates" in settings else None,
            language=settings.get("language", "en"),
            shop=parseaddr(settings.get("from", ""))[0],
        )
        letters.check()
        return letters

    @cached_property
    def channels(self) -> tuple[Channel, ...]:
        """Where messages go besides the store. Raises what `letters` does, and InvalidChannel."""
        return (_channel(self.config, self.letters, self.outside),) if self.config.messages else ()

    @cached_property
    def means(self) -> Means:
        """What effects are carried out with: channels before the store."""
        return Means(
            carriers=(*self.channels, self.adapter),
            clock=self.outside.clock,
            sleep=self.outside.sleep,
            entropy=self.outside.entropy,
            patience=self.outside.patience,
            per_second=self.config.worker["effects_per_second"],
            stopping=self.outside.stopping,
            quiet=_quiet_hours(self.config, self.program),
        )

    def today(self) -> int:
        """The present local day of the program."""
        return local_day(self.outside.clock().isoformat(), self.program.timezone)

    def hand(self, by: str) -> Hand:
        """The hand of a person who does something now."""
        means = self.means
        return Hand(by=by, at=means.now(), day=self.today(), entropy=means.entropy)

    def close(self) -> None:
        """Give back what was opened."""
        if "adapter" in vars(self):
            self.adapter.close()
        if "channels" in vars(self):
            for channel in self.channels:
                channel.close()
        self.database.close()


@contextmanager
def open_database(path: Path, outside: Outside) -> Iterator[Database]:
    """The database of a configuration, whatever shops are in it, for work that needs neither program nor store.

    Raises InvalidConfig, and what databases raise.
    """
    document = read_document(path)
    catalogue = load_catalogue(switched_off=plugins_off(document, outside.environment))
    config = read_config(path, document, catalogue.adapters, outside.environment)
    database = Database.open(config.database, clock=outside.clock)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def open_project(path: Path, outside: Outside) -> Iterator[Project]:
    """The project of a configuration. Raises InvalidConfig, InvalidDocument, and what adapters and databases raise."""
    document = read_document(path)
    catalogue = load_catalogue(switched_off=plugins_off(document, outside.environment))
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


def _channel(config: Config, letters: Letters, outside: Outside) -> Channel:
    """Where messages go. Raises InvalidChannel."""
    settings = config.messages
    # They take long to load, and most commands send nothing.
    if "file" in settings:
        from vip_rules.channels.outgoing_file import OutgoingFile

        return OutgoingFile(Path(settings["file"]), letters)
    if "url" in settings:
        from vip_rules.channels.signed_post import SignedPost

        return SignedPost(settings["url"], settings["secret"], clock=outside.clock, letters=letters)
    from vip_rules.channels.smtp import Login, MailServer, Sender, Smtp

    sender = Sender.of(
        settings["from"],
        reply_to=settings.get("reply_to", ""),
        unsubscribe=settings.get("unsubscribe", ""),
    )
    login = Login(settings["user"], settings["password"]) if "user" in settings else None
    return Smtp(MailServer.of(settings["smtp"]), sender, letters, clock=outside.clock, login=login)


def _quiet_hours(config: Config, program: Program) -> QuietHours | None:
    """When no messages are sent."""
    hours = config.messages.get("quiet_hours")
    return None if hours is None else QuietHours.of(hours, program.timezone)
