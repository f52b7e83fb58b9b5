"""The switch, pulled while the service works: at most the call in flight is still made, and receiving and reading go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import requests
from sqlalchemy import select

from tests.apply.atelier import DOCUMENT, NOON, customer, order
from tests.server.lines import post, request
from tests.server.memory import SECRET, SHOP, write_project
from tests.server.running import Running, running
from vip_rules.cli.main import main
from vip_rules.database.tables import customers, inbox, outbox, standings
from vip_rules.logs.logs import Logs
from vip_rules.operations.proposals import approve, proposals
from vip_rules.project import Outside, Project
from vip_rules.store import Shop
from vip_rules.testing import MemoryStore, StoppedClock
from vip_rules.testing.serving import serve
from vip_rules.testing.webhooks import MemoryWebhooks
from vip_rules.worker.worker import Worker, jobs_of, stages_of

PATIENCE = 60
"""Seconds after which something that doesn't happen is taken not to."""

TOKEN = "an operator's token"
WEBHOOKS = MemoryWebhooks(SHOP, [SECRET])
PEOPLE = [f"member-{number}" for number in range(6)]


class Slow(MemoryStore):
    """A store in which an effect takes until it is let through."""

    def __init__(self) -> None:
        super().__init__(Shop(currency="USD"))
        self.calls = 0
        self.in_flight, self.through = Event(), Event()

    def carry_out(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        self.in_flight.set()
        assert self.through.wait(PATIENCE)
        return super().carry_out(*args, **kwargs)


@pytest.fixture
def store() -> Slow:
    return Slow()


@pytest.fixture
def service(tmp_path: Path, plugins: Path, url: str, store: Slow) -> Iterator[Running]:
    """A service at work, in which a person has just approved the first plan: its first effect is in flight."""
    outside = Outside(environment={}, clock=StoppedClock(NOON))
    store.put_customer(*map(customer, PEOPLE))
    store.put_order(*(order(who, 300) for who in PEOPLE))
    with serve(store) as address:
        config = write_project(tmp_path, url, address=address, more=["[server]", 'token_file = "token"'])
        config.with_name("program.json").write_text(json.dumps(DOCUMENT))
        config.with_name("token").write_text(TOKEN)
        for of in (jobs_of, stages_of):
            Worker(of=of, log=Logs.silent().of(SHOP), once=True).run(config, outside)
        with running(config, outside=outside, with_workers=True) as service:
            project = service.desks[SHOP].project
            with project.database.reading() as connection:
                (waits,) = proposals(connection, project.shop, "waiting")
            approve(project.database, project.shop, waits.row.hash, project.hand("ada"))
            service.desks[SHOP].nudge.set()
            assert store.in_flight.wait(PATIENCE)
            yield service
            store.through.set()


def by_command(service: Running, what: str) -> None:
    config = service.desks[SHOP].project.config.file
    with pytest.raises(SystemExit) as done:
        main([what, "--by", "ada", "--config", str(config)])
    assert not done.value.code


def by_api(service: Running, what: str) -> None:
    body = {"by": "ada"} | ({"reason": "a flood"} if what == "pause" else {})
    said = {"Authorization": f"Bearer {TOKEN}"}
    answer = requests.post(f"{service.url}/api/{SHOP}/{what}", json=body, headers=said, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text


def wait_until(project: Project, query: Any, wanted: Any) -> None:
    """Return once a query gives what is wanted."""
    tick = Event()
    for _ in range(PATIENCE * 100):
        with project.database.reading() as connection:
            if set(connection.scalars(query)) == wanted:
                return
        tick.wait(0.01)
    pytest.fail(f"{wanted} never came")


@pytest.mark.slow
@pytest.mark.parametrize("switch", [by_command, by_api])
def test_nothing_more_is_sent_and_everything_else_goes_on(
    service: Running, store: Slow, switch: Callable[[Running, str], None]
) -> None:
    project = service.desks[SHOP].project
    switch(service, "pause")
    store.through.set()
    store.put_customer(customer("new"))
    store.put_order(order("new", 900, key="new"))
    for n in range(3):
        delivery = WEBHOOKS.delivery({"customers": ["new"], "orders": ["new"]}, id=str(n))
        assert post(service.url, request(delivery)).status == 200
    # The worker takes them once its delivery has ended, in the same thread.
    wait_until(project, select(inbox.c.state).distinct(), {"done"})
    with project.database.reading() as connection:
        assert "new" in set(connection.scalars(select(customers.c.id)))
        assert "new" not in set(connection.scalars(select(standings.c.customer_id)))
        assert set(connection.scalars(select(outbox.c.state))) == {"planned", "confirmed"}
    assert store.calls == len(store.done()) == 1
    assert requests.get(f"{service.url}/livez", timeout=PATIENCE).status_code == 200

    switch(service, "resume")
    service.desks[SHOP].nudge.set()
    wait_until(project, select(standings.c.customer_id), {*PEOPLE, "new"})
    wait_until(project, select(outbox.c.state), {"confirmed"})
    done = [each.key for each in store.done()]
    assert len(done) == len(set(done)) == store.calls
    assert {f"customer:{who}" for who in (*PEOPLE, "new")} < set(done)
