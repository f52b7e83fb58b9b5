"""`vip-rules worker`: the work of the service without its server, as often as there is work for."""

from __future__ import annotations

import signal
from pathlib import Path

import click

from vip_rules.cli.service import logging, with_configs


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what there is to do, and end.")
@with_configs
def command(once: bool, configs: tuple[Path, ...]) -> None:
    """Do the work behind vip-rules serve: read webhooks, keep standings true, carry effects out, do what is due by the clock.

    Several may run, also on several machines that share a database of PostgreSQL; each piece of work is done by one of them.
    """
    with logging(configs) as (logs, outside):
        from vip_rules.server.service import opened_desks
        from vip_rules.worker.workers import Workers

        workers = Workers(outside, logs)
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: workers.ask_to_stop())
        with opened_desks(configs, outside, logs) as desks:
            for config, desk in zip(configs, desks.values(), strict=True):
                workers.start(config, desk.name, desk.nudge, once=once)
            workers.wait()
        if workers.broken():
            raise click.exceptions.Exit(3)
