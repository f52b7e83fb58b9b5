"""`vip-rules pin`: give a customer a tier by hand."""

from __future__ import annotations

from pathlib import Path

import click

from vip_rules.cli.output import as_json, print_json
from vip_rules.cli.person import hand_of, with_by
from vip_rules.cli.project import day_named, opened, with_config


@click.command("pin")
@click.argument("customer")
@click.option("--tier", required=True, metavar="ID", help='The tier; "none" for no tier.')
@click.option("--until", metavar="YYYY-MM-DD", help="The last day; without it until unpinned.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stands in the ledger and in explain.")
@click.option("--floor", is_flag=True, help="A higher tier of the customer's own counts all the same.")
@with_by
@with_config
@as_json
def command(
    customer: str,
    tier: str,
    until: str | None,
    reason: str,
    floor: bool,
    by: str | None,
    config: Path,
    as_json: bool,
) -> None:
    """Give CUSTOMER a tier by hand, whatever their orders say. The store hears of it with the next plan and apply.

    Their own standing goes on beneath, and counts again when the pin ends. A pin replaces the one before.
    """
    from vip_rules.localdays import day_date
    from vip_rules.operations.pins import pin, tier_named
    from vip_rules.standing import Pin
    from vip_rules.wording import day_in_words

    with opened(config) as project:
        hand = hand_of(project, by)
        chosen = tier_named(project.program.tiers, tier)
        last = None if until is None else day_named("--until", until, project)
        pin(
            project.database,
            project.shop,
            project.program,
            customer,
            Pin(chosen, last, reason, hand.by, floor),
            hand,
        )
        names = {each.id: each.name for each in project.program.tiers}
    if as_json:
        print_json(
            {
                "customer_id": customer,
                "tier": chosen,
                "until": None if last is None else str(day_date(last)),
                "reason": reason,
                "by": hand.by,
                "floor": floor,
            }
        )
        return
    name = names[chosen] if chosen else "no tier"
    end = "until unpinned" if last is None else f"until {day_in_words(day_date(last))}"
    click.echo(f"Customer {customer} is pinned to {name}{' at least' if floor else ''} {end}.")
    click.echo("The store hears of it with the next vip-rules plan and apply.")
