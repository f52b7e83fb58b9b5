"""Two shops in one service and one database, with the same ids in both: neither sees or touches anything of the other's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select

from tests.apply.atelier import DOCUMENT, NOON, customer, order
from tests.server.lines import post, request
from tests.server.memory import SHOP, write_project
from tests.server.running import Running, running
from vip_rules.apply import apply_plan
from vip_rules.database.tables import effects, metadata, outbox, plans, shops, standings
from vip_rules.database.tables import inbox as kept
from vip_rules.ledger import breaks
from vip_rules.logs.logs import Logs
from vip_rules.operations.arrivals import Replays, UnknownWebhook, arrival
from vip_rules.operations.backup import make_backup
from vip_rules.operations.erasure import erase
from vip_rules.operations.interventions import InterventionRefused, Interventions
from vip_rules.operations.proposals import UnknownPlan, approve, propose, refuse, remembered
from vip_rules.operations.switch import pause, resume
from vip_rules.plan import Plan, PlanRefused
from vip_rules.planning.making import Request, make_plan
from vip_rules.project import Outside, Project
from vip_rules.server.api.api import OPERATIONS
from vip_rules.store import Shop
from vip_rules.testing import MemoryStore, StoppedClock
from vip_rules.testing.serving import serve
from vip_rules.testing.webhooks import MemoryWebhooks
from vip_rules.worker.worker import Worker, jobs_of, stages_of

OTHER = "bakery"
NAMES = (SHOP, OTHER)

pytestmark = pytest.mark.slow


@dataclass
class Side:
    """One of the two shops."""

    name: str
    service: Running
    store: MemoryStore
    config: Path
    outside: Outside
    webhooks: MemoryWebhooks
    sent: int = 0

    @property
    def project(self) -> Project:
        return self.service.desks[self.name].project

    @property
    def shop(self) -> int:
        return self.project.shop

    def send(self, says: dict[str, Any] | bytes, *, to: str | None = None) -> int:
        """Send what this shop's store signs, to its own address or to another shop's; gives the status of the answer."""
        self.sent += 1
        delivery = self.webhooks.delivery(says, id=str(self.sent))
        return post(self.service.url, request(delivery, to or self.name)).status

    def work(self, *, jobs: bool = False) -> None:
        for of in (jobs_of, stages_of) if jobs else (stages_of,):
            log = Logs.silent().of(self.name)
            Worker(of=of, log=log, once=True).run(self.config, self.outside)

    def asks(self, method: str, path: str, token: str, body: Any = None) -> requests.Response:
        said = {"Authorization": f"Bearer {token}"}
        return requests.request(method, self.service.url + path, headers=said, json=body, timeout=10)

    def plan(self, *people: str) -> Plan:
        project = self.project
        asked = Request(as_of=project.today(), customers=list(people))
        return make_plan(project.database, self.shop, project.program, asked, project.means.capabilities)

    def state(self) -> dict[str, list[Any]]:
        """All rows of the shop, table by table."""
        found: dict[str, list[Any]] = {}
        with self.project.database.reading() as connection:
            for table in metadata.sorted_tables:
                mine = (table.c.id if table is shops else table.c.shop) == self.shop
                found[table.name] = sorted(
                    map(tuple, connection.execute(select(table).where(mine))), key=repr
                )
        return found

    def tiers(self) -> dict[str, str | None]:
        with self.project.database.reading() as connection:
            query = select(standings.c.customer_id, standings.c.tier).where(standings.c.shop == self.shop)
            return {customer: tier for customer, tier in connection.execute(query)}  # noqa: C416


@pytest.fixture
def both(tmp_path: Path, plugins: Path, url: str) -> Iterator[tuple[Side, Side]]:
    """Two shops with ann and bob in each, enrolled; in the first ann is gold, in the other silver."""
    clock = StoppedClock(NOON)
    outside = Outside(environment={}, clock=clock, sleep=lambda _: None)
    stores = {name: MemoryStore(Shop(currency="USD")) for name in NAMES}
    for name, spent in zip(NAMES, (600, 300), strict=True):
        stores[name].put_customer(customer("ann", email=f"ann@{name}.example"), customer("bob"))
        stores[name].put_order(order("ann", spent, key="1"), order("bob", 300, key="2"))
    configs = {}
    with ExitStack() as stack:
        for name, store in stores.items():
            folder = tmp_path / name
            folder.mkdir()
            more = ["[server]", 'token_file = "token"', 'links_file = "links"']
            address = stack.enter_context(serve(store))
            configs[name] = write_project(folder, url, name=name, address=address, more=more)
            folder.joinpath("program.json").write_text(json.dumps(DOCUMENT))
            for secret in ("secrets", "token"):
                folder.joinpath(secret).write_text(f"{secret} of {name}")
            # The same in both, as somebody may have it who copies a configuration.
            folder.joinpath("links").write_text("what signs links")
        service = stack.enter_context(running(*configs.values(), outside=outside))
        sides = [
            Side(
                name,
                service,
                stores[name],
                configs[name],
                outside,
                MemoryWebhooks(SHOP, [f"secrets of {name}"]),
            )
            for name in NAMES
        ]
        for side in sides:
            side.work(jobs=True)
            (waits,) = hashes(side)
            approve(side.project.database, side.shop, waits, side.project.hand("ada"))
            side.work()
        clock.advance(days=1)
        for side in sides:
            side.work(jobs=True)
        assert [side.tiers()["ann"] for side in sides] == ["gold", "silver"]
        yield sides[0], sides[1]


def hashes(side: Side) -> list[str]:
    with side.project.database.reading() as connection:
        waiting = select(plans.c.hash).where(plans.c.shop == side.shop, plans.c.state == "waiting")
        return list(connection.scalars(waiting))


# Who asks


def test_a_token_of_one_shop_opens_nothing_of_the_others(both: tuple[Side, Side]) -> None:
    here, there = both
    before = there.state()
    link = "/api/{}/customers/ann/link".format
    mine = here.asks("POST", link(here.name), f"token of {here.name}", {}).json()["token"]
    theirs = there.asks("POST", link(there.name), f"token of {there.name}", {}).json()["token"]
    for operation in OPERATIONS:
        path = operation.path.format(shop=there.name, id="ann", hash="0" * 64)
        body = {"by": "ada", "reason": "no reason"} if operation.method == "POST" else None
        refused = here.asks(operation.method, path, "whatever", body)
        assert refused.status_code == 401
        for token in (f"token of {here.name}", mine, *([theirs] if operation.who == "operator" else [])):
            answer = here.asks(operation.method, path, token, body)
            assert (answer.status_code, answer.text) == (401, refused.text)
    own = there.asks("GET", f"/api/{there.name}/me", theirs).json()
    assert own["tier"]["id"] == "silver"
    assert there.state() == before


def test_a_webhook_that_another_shop_signed_is_refused(both: tuple[Side, Side]) -> None:
    here, there = both
    before = there.state()
    assert here.send({"customers": ["ann"]}, to=there.name) == 401
    assert there.state() == before


# What webhooks say


SAYS: list[dict[str, Any]] = [
    {"customers": ["ann", "bob"], "orders": ["1", "2"]},
    {"shop": OTHER, "customers": ["ann"]},
    {"gone_orders": ["1"]},
    {"merged": [["bob", "ann"]]},
    {"disclose": [{"customer_id": "ann", "email": "ann@bakery.example"}]},
    {"redact": [{"email": "ann@bakery.example"}]},
    {"redact": [{"customer_id": "ann", "email": "ann@bakery.example"}]},
    {"gone_customers": ["ann", "bob"]},
    {"uninstalled": True},
    {"erase": True},
]


def test_whatever_webhooks_of_one_shop_say_the_other_stays_as_it_is(both: tuple[Side, Side]) -> None:
    here, there = both
    # Of the same contents, with its own numbers.
    assert there.send(SAYS[4]) == 200
    assert there.send(b'{"customers": "ann"}') == 200
    there.work()
    before, done = there.state(), len(there.store.done())
    for says in SAYS:
        assert here.send(says) == 200
        here.work()
        assert there.state() == before
    here.store.refund("1")
    here.work(jobs=True)
    assert there.state() == before
    assert len(there.store.done()) == done
    assert "ann" not in here.tiers()
    there.work(jobs=True)
    assert there.tiers()["ann"] == "silver"


def test_who_is_erased_in_one_shop_lives_on_in_the_other(both: tuple[Side, Side]) -> None:
    here, there = both
    project = here.project
    before = there.state()
    erase(project.database, here.shop, "ann", project.hand("ada"), project.means)
    assert there.state() == before
    assert "vip-silver" in there.store.customer("ann").tags
    there.store.put_order(order("ann", 600, key="3"))
    there.send({"customers": ["ann"], "orders": ["3"]})
    there.work()
    assert there.tiers()["ann"] == "gold"


# What people name


def test_what_is_named_by_a_number_hash_or_key_is_the_shops_own(both: tuple[Side, Side]) -> None:
    here, there = both
    database, hand = there.project.database, there.project.hand("ada")
    here.store.put_order(order("bob", 900, key="9"))
    here.send({"orders": ["9"]})
    here.send(b"nonsense")
    there.store.put_order(order("bob", 900, key="9"))
    there.send({"orders": ["9"]})
    pause(database, here.shop, "so that plans can be made", hand)
    pause(database, there.shop, "so that plans can be made", hand)
    here.work()
    there.work()
    (number,) = [row[0] for row in here.state()["inbox"] if "quarantined" in row]
    made, same = here.plan("bob"), there.plan("bob")
    assert made.changes[0].content["after"]["tier"] == same.changes[0].content["after"]["tier"] == "gold"
    assert made.hash != same.hash
    with database.writing() as connection:
        propose(connection, here.shop, made, ["why not"], 0)
        connection.execute(outbox.update().where(outbox.c.shop == here.shop).values(state="parked"))
    resume(database, there.shop, hand)
    mine, theirs = here.state(), there.state()
    replays = Replays(database, there.shop, hand)
    interventions = Interventions(database, there.shop, hand)
    attempts: list[tuple[type[Exception], Callable[[], object]]] = [
        (UnknownWebhook, lambda: replays.replay([number])),
        (UnknownWebhook, lambda: replays.drop([number], "no reason")),
        (UnknownPlan, lambda: approve(database, there.shop, made.hash, hand)),
        (UnknownPlan, lambda: refuse(database, there.shop, made.hash, hand, "no reason")),
        (InterventionRefused, lambda: interventions.confirm("customer:ann", None)),
        (InterventionRefused, lambda: interventions.drop("customer:ann", "no reason")),
        (
            PlanRefused,
            lambda: apply_plan(database, there.shop, there.project.program, made, there.project.means),
        ),
    ]
    for refusal, attempt in attempts:
        with pytest.raises(refusal):
            attempt()
    assert replays.replay([], all_quarantined=True) == []
    assert interventions.retry([], all_refused=True) == []
    with database.reading() as connection:
        with pytest.raises(UnknownWebhook):
            arrival(connection, there.shop, number)
        with pytest.raises(UnknownPlan):
            remembered(connection, there.shop, made.hash)
    for what in ("approve", "refuse"):
        path = f"/api/{there.name}/plans/{made.hash}/{what}"
        body = {"by": "ada"} | ({"reason": "no"} if what == "refuse" else {})
        assert there.asks("POST", path, f"token of {there.name}", body).status_code == 404
    assert (here.state(), there.state()) == (mine, theirs)


# What hinders one


def test_a_pause_of_one_shop_leaves_the_other_at_work(both: tuple[Side, Side]) -> None:
    here, there = both
    body = {"by": "ada", "reason": "a flood"}
    assert here.asks("POST", f"/api/{here.name}/pause", f"token of {here.name}", body).status_code == 200
    done = len(here.store.done())
    for side in both:
        side.store.put_order(order("bob", 900, key="9"))
        side.send({"orders": ["9"]})
        side.work(jobs=True)
    assert [side.tiers()["bob"] for side in both] == ["silver", "gold"]
    assert len(here.store.done()) == done
    metrics = {
        sample.labels["shop"]: sample.value
        for family in text_string_to_metric_families(
            requests.get(f"{here.service.url}/metrics", timeout=10).text
        )
        for sample in family.samples
        if sample.name == "vip_rules_paused"
    }
    assert metrics == {here.name: 1, there.name: 0}


def test_a_shop_whose_program_is_broken_leaves_the_other_at_work(both: tuple[Side, Side]) -> None:
    here, there = both
    here.config.with_name("program.json").write_text("{")
    for side in both:
        side.send({"customers": ["bob"]})
        side.store.put_order(order("bob", 900, key="9"))
        side.send({"orders": ["9"]})
    there.work(jobs=True)
    assert there.tiers()["bob"] == "gold"
    assert requests.get(f"{here.service.url}/readyz", timeout=10).status_code == 200
    with here.project.database.reading() as connection:
        mine = select(kept.c.state).where(kept.c.shop == here.shop)
        assert set(connection.scalars(mine)) == {"waiting"}


def test_a_backup_holds_both_and_each_ledger_is_its_own(both: tuple[Side, Side], tmp_path: Path) -> None:
    database = both[0].project.database
    backup = make_backup(database, tmp_path / "backup", clock=both[0].outside.clock)
    assert [chain.shop for chain in backup.chains] == [SHOP, OTHER]
    assert len({chain.last_hash for chain in backup.chains}) == 2
    with database.reading() as connection:
        assert not [each for side in both for each in breaks(connection, side.shop)]
        assert connection.scalar(select(effects.c.shop).where(effects.c.shop == both[1].shop).limit(1))
