"""`vip-rules inbox`: what the store told by itself, and what of it waits for a person."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from vip_rules.cli.ordered import InOrder
from vip_rules.cli.output import as_json, print_json, table
from vip_rules.cli.person import hand_of, with_by
from vip_rules.cli.project import opened, with_config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vip_rules.operations.arrivals import Kept, Replays
    from vip_rules.project import Project

STATES: Final = ("waiting", "quarantined", "parked", "ignored", "dropped", "done")

NUMBER: Final = click.IntRange(min=1, max=2**63 - 1)
"""A number of a webhook."""

SHOWN: Final = 50
"""So many are shown as text; --json has all."""


@click.group("inbox", cls=InOrder)
def command() -> None:
    """Show what the store told by itself (webhooks), and decide about what nobody but a person can end.

    A webhook waits until the worker has read it: done, or ignored. Quarantined: it can't be read. Parked: it asks for something
    that only a person can do.
    """


@command.command("list", short_help="List webhooks with their states and reasons.")
@click.option("--state", type=click.Choice(STATES), help="Only those; by default all that haven't ended.")
@with_config
@as_json
def list_(state: str | None, config: Path, as_json: bool) -> None:
    """List webhooks with their states and reasons, in the order of arrival."""
    from vip_rules.operations.arrivals import OPEN, arrivals

    with opened(config) as project, project.database.reading() as connection:
        found = list(arrivals(connection, project.shop, OPEN if state is None else (state,)))
    if as_json:
        print_json([kept.record() for kept in found])
        return
    if not found:
        click.echo("The inbox has none." if state else "Nothing waits: every webhook has ended.")
        return
    rows = [["number", "topic", "received", "state", "tried", "reason"]]
    rows += [
        [
            str(kept.row.number),
            kept.row.topic,
            _shown(kept.record()["received_at"]),
            kept.row.state,
            f"{kept.row.attempts}×",
            kept.row.reason or "",
        ]
        for kept in found[:SHOWN]
    ]
    click.echo(table(rows, right=(0, 4)))
    if len(found) > SHOWN:
        click.echo(f"… and {len(found) - SHOWN:,} more: --json has them all")


@command.command("show", short_help="Show a webhook.")
@click.argument("number", type=NUMBER)
@click.option("--body", is_flag=True, help="Also what it says, which may name customers.")
@with_config
@as_json
def show(number: int, body: bool, config: Path, as_json: bool) -> None:
    """Show a webhook: when it came, what became of it, and why; with --body what it says, as long as that is kept."""
    from vip_rules.operations.arrivals import arrival

    with opened(config) as project, project.database.reading() as connection:
        kept = arrival(connection, project.shop, number)
    if as_json:
        said = None if kept.body is None else kept.body.decode("utf-8", "backslashreplace")
        print_json(kept.record() | ({"body": said} if body else {}))
        return
    click.echo("\n".join(_lines(kept)))
    if body:
        click.echo("\n" + ("Its bytes are forgotten." if kept.body is None else _readable(kept.body)))


@command.command("replay", short_help="Let the worker take webhooks again.")
@click.argument("numbers", metavar="NUMBER…", nargs=-1, type=NUMBER)
@click.option("--all-quarantined", is_flag=True, help="All that are quarantined.")
@with_by
@with_config
@as_json
def replay(
    numbers: tuple[int, ...], all_quarantined: bool, by: str | None, config: Path, as_json: bool
) -> None:
    """Let the worker take what is quarantined or parked again, once what hindered it is mended."""
    from vip_rules.errors import UsageError

    if bool(numbers) == all_quarantined:
        raise UsageError("name the numbers of the webhooks to be taken again, or say --all-quarantined")
    with opened(config) as project:
        done = _replays(project, by).replay(numbers, all_quarantined=all_quarantined)
    _told(as_json, done, "waiting", "waiting again; the worker takes them")


@command.command("drop", short_help="Give webhooks up, and forget what they say.")
@click.argument("numbers", metavar="NUMBER…", nargs=-1, required=True, type=NUMBER)
@click.option(
    "--reason", required=True, metavar="TEXT", help="Why; it stands in the ledger, so name no customer."
)
@with_by
@with_config
@as_json
def drop(numbers: tuple[int, ...], reason: str, by: str | None, config: Path, as_json: bool) -> None:
    """Give up what is quarantined or parked, and forget what it says."""
    with opened(config) as project:
        done = _replays(project, by).drop(numbers, reason)
    _told(as_json, done, "dropped", "given up, and what they say is forgotten")


def _replays(project: Project, by: str | None) -> Replays:
    from vip_rules.operations.arrivals import Replays

    return Replays(project.database, project.shop, hand_of(project, by))


def _lines(kept: Kept) -> Iterator[str]:
    told = kept.record()
    yield f"Webhook {told['number']}: {told['topic']}, {told['state']}"
    if told["reason"]:
        yield f"  {told['reason']}"
    yield f"  received  {_shown(told['received_at'])}, tried {told['attempts']}×"
    if told["sent_at"]:
        yield f"  sent      {_shown(told['sent_at'])}, as the store says"
    yield f"  changed   {_shown(told['changed_at'])}"
    if told["delivery"]:
        yield f"  delivery  {told['delivery']}"
    yield f"  size      {'forgotten' if told['size'] is None else format(told['size'], ',') + ' bytes'}"


def _shown(instant: str) -> str:
    return instant.replace("T", " ").replace("+00:00", " UTC")


def _readable(body: bytes) -> str:
    """What bytes say: JSON as a person writes it, anything else as it is. Signs that a terminal would obey are escaped."""
    text = body.decode("utf-8", "backslashreplace")
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return "".join(sign if sign.isprintable() or sign == "\n" else _escaped(sign) for sign in text)


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")


def _told(as_json: bool, numbers: list[int], state: str, said: str) -> None:
    if as_json:
        print_json({"state": state, "numbers": numbers})
        return
    click.echo(f"{len(numbers):,} webhook{'' if len(numbers) == 1 else 's'} {said}.")
