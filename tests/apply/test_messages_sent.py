"""How messages leave: not in quiet hours, and no email twice because its server went away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.apply.atelier import Atelier, customer
from tests.apply.conftest import Opened, fill
from tests.channels.mail_server import serving
from tests.channels.messages import Writes
from vip_rules.adapter import Intent, Outcome
from vip_rules.channels.outgoing_file import OutgoingFile
from vip_rules.channels.quiet_hours import QuietHours
from vip_rules.channels.smtp import MailServer, Sender, Smtp
from vip_rules.cli.changes import applied_lines
from vip_rules.delivery import Resting
from vip_rules.operations.interventions import Interventions

NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture
def shop(opened: Opened, tmp_path: Path) -> Atelier:
    """A shop in New York whose members rise at noon, where it is quiet from 11:00 until 15:00."""
    shop = opened()
    shop.channels = (OutgoingFile(tmp_path / "messages.jsonl"),)
    shop.quiet = QuietHours.of("11:00-15:00", NEW_YORK)
    fill(shop)
    shop.sync()
    return shop


def test_messages_wait_and_everything_else_goes_on(shop: Atelier, tmp_path: Path) -> None:
    applied = shop.apply(shop.plan(welcome=True))
    delivered = applied.delivered
    assert delivered.resting == [Resting("message", 2, "15:00")]
    assert (delivered.left, delivered.stopped) == (0, "")
    assert delivered.counts["confirmed"] > 2
    assert not (tmp_path / "messages.jsonl").exists()
    assert "2 messages wait for 15:00 (quiet hours)." in list(applied_lines(applied))
    assert delivered.record()["resting"] == [{"kind": "message", "intents": 2, "until": "15:00"}]


def test_they_go_with_the_next_delivery_after(shop: Atelier, tmp_path: Path) -> None:
    shop.apply(shop.plan(welcome=True))
    shop.clock.advance(seconds=3 * 3_600)
    applied = shop.apply()
    assert applied.delivered.counts == {"confirmed": 2}
    assert applied.delivered.resting == []
    assert len((tmp_path / "messages.jsonl").read_text("utf-8").splitlines()) == 2


def test_one_that_begins_in_the_middle_lets_nothing_more_out(shop: Atelier) -> None:
    shop.quiet = QuietHours.of("12:01-15:00", NEW_YORK)
    (channel,) = shop.channels
    assert isinstance(channel, OutgoingFile)
    channel.batch = 1
    send = channel.carry_out

    def slowly(intents: Sequence[Intent]) -> Sequence[Outcome]:
        shop.clock.advance(seconds=60)
        return send(intents)

    channel.carry_out = slowly  # type: ignore[method-assign]
    delivered = shop.apply(shop.plan(welcome=True)).delivered
    assert delivered.resting == [Resting("message", 1, "15:00")]


def test_an_email_in_doubt_is_parked_and_sent_again_only_by_a_person(opened: Opened) -> None:
    shop = opened()
    fill(shop)
    shop.store.put_customer(*(customer(who, email=f"{who}@example.com") for who in ("ann", "bob", "cat")))
    shop.sync()
    with serving() as post:
        server = MailServer("localhost", post.port, "none")
        mail = Smtp(server, Sender("", "vip@atelier.example"), Writes(), clock=shop.clock)
        shop.channels = (mail,)
        post.drops.add("DATA")
        delivered = shop.apply(shop.plan(welcome=True)).delivered
        assert (delivered.counts["parked"], delivered.left) == (2, 0)
        assert len(post.envelopes) == 2
        post.drops.clear()
        assert shop.apply().delivered.counts == {}
        assert len(post.envelopes) == 2, "it was sent twice"
        key = "promotion:gold:2026-11-20:ann"
        Interventions(shop.database, shop.shop, shop.hand()).retry([key], even_if_done=True)
        assert shop.apply().delivered.counts == {"confirmed": 1}
        mail.close()
        first, again = (each for each in post.mails if each["To"] == "ann@example.com")
        assert first["Message-ID"] == again["Message-ID"]
