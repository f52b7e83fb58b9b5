"""`vip-rules serve`: webhooks in, standings kept true around the clock, questions answered."""

from __future__ import annotations

from pathlib import Path

import click

from vip_rules.cli.service import logging, with_configs


@click.command("serve")
@click.option(
    "--no-worker", is_flag=True, help="Only take webhooks in and answer: vip-rules worker does the work."
)
@with_configs
def command(no_worker: bool, configs: tuple[Path, ...]) -> None:
    """Take the store's webhooks in, keep every standing true around the clock, and answer the API.

    It listens where [server] says, without encryption: put a proxy with TLS in front. It ends when it is told to (Ctrl-C,
    SIGTERM), after what is in hand; whatever is left goes on at the next start. What needs a person waits: see vip-rules plans,
    inbox and outbox. A changed program or configuration is read anew.
    """
    with logging(configs) as (logs, outside):
        from vip_rules.server.service import serve

        serve(configs, outside, logs, with_workers=not no_worker)
