"""`vip-rules worker`: the work of the service without its server, as often as there is work for."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Final

import click

from vip_rules.cli.service import logging, with_configs

EAGERLY: Final = 0.1  # not money
"""Seconds after which it looks again for what the server took in: nobody nudges another process."""


@click.command("worker")
@click.option("--once", is_flag=True, help="Do what there is to do, and end.")
@with_configs
def command(once: bool, configs: tuple[Path, ...]) -> None:
    """Do the work behind vip-rules serve: read webhooks, keep standings true, carry effects out, do what is due by the clock.

    Several may run, also on several machines that share a database of PostgreSQL; each piece of work is done by one of them.
    """
    with logging(configs) as (logs, outside):
        from vip_rules.server.service import opened_desks
        from vip_rules.worker.interpreter import settle
        from vip_rules.worker.workers import Workers

        workers = Workers(outside, logs, poll=EAGERLY)
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: workers.ask_to_stop())
        with opened_desks(configs, outside, logs) as desks:
            settle()
            for config, desk in zip(configs, desks.values(), strict=True):
                workers.start(config, desk.name, desk.nudge, once=once)
            workers.wait()
        if workers.broken():
            raise click.exceptions.Exit(3)
