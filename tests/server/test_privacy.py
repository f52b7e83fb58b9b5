"""A customer who asks to be forgotten has left traces everywhere; afterwards there are none, and none come back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import insert, select, update

from tests.apply.atelier import DOCUMENT, NOON, customer, order
from tests.database.opened import everything
from tests.logs.lines import Lines
from tests.server.lines import post, request
from tests.server.memory import SECRET, SHOP, write_project
from tests.server.running import Running, running
from vip_rules.cli.main import main
from vip_rules.database.failure import AtWork
from vip_rules.database.tables import inbox, jobs, ledger, orders, outbox, plans, standings, told
from vip_rules.ledger import breaks
from vip_rules.logs.logs import Logs
from vip_rules.operations.arrivals import Replays
from vip_rules.operations.backup import make_backup
from vip_rules.operations.proposals import approve, proposals, propose, refuse
from vip_rules.operations.switch import pause, resume
from vip_rules.planning.making import Request, make_plan
from vip_rules.project import Outside, Project
from vip_rules.server.api.api import OPERATIONS
from vip_rules.store import Shop
from vip_rules.testing import MemoryStore, StoppedClock
from vip_rules.testing.serving import serve
from vip_rules.testing.webhooks import MemoryWebhooks
from vip_rules.worker.worker import Worker, jobs_of, stages_of

WHO = "canary-4711"
BEFORE = "canary-before-4711"
EMAIL = "ada.canary@example.com"
NAME = "Ada Canarina"
BORN = date(1990, 5, 3)
CANARIES = (WHO, BEFORE, EMAIL, "Canary@Example", NAME, str(BORN))

pytestmark = pytest.mark.slow

TOKEN = "an operator's token"
WEBHOOKS = MemoryWebhooks(SHOP, [SECRET])


@dataclass
class Kept:
    """A shop whose service runs, at its most talkative; the workers' work is done in the test's thread."""

    service: Running
    store: MemoryStore
    config: Path
    outside: Outside
    clock: StoppedClock
    lines: Lines
    logs: Logs
    answers: list[str] = field(default_factory=list)
    sent: int = 0

    @property
    def project(self) -> Project:
        return self.service.desks[SHOP].project

    def send(self, says: dict[str, Any] | bytes, named: str | None = None) -> None:
        self.sent += 1
        delivery = WEBHOOKS.delivery(says, id=named or str(self.sent))
        assert post(self.service.url, request(delivery)).status == 200

    def work(self, *, jobs: bool = False) -> None:
        """Do what workers do until nothing is left."""
        for of in (jobs_of, stages_of) if jobs else (stages_of,):
            Worker(of=of, log=self.logs.of(SHOP), once=True).run(self.config, self.outside)

    def plan(self, *people: str) -> str:
        """Let a plan about some customers wait for a person."""
        project = self.project
        asked = Request(as_of=project.today(), customers=list(people))
        made = make_plan(project.database, project.shop, project.program, asked, project.means.capabilities)
        assert made.changes
        with project.database.writing() as connection:
            assert propose(connection, project.shop, made, ["somebody should look"], project.means.now())
        return made.hash

    def written(self) -> str:
        """What is in the database, every byte of SQLite's files and all rows; in the log; and what is answered."""
        folder = self.config.parent
        files = (path for path in sorted(folder.iterdir()) if path.name.startswith("vip.db"))
        for operation in OPERATIONS:
            if operation.method == "GET" and "{" not in operation.path.replace("{shop}", ""):
                self.answers.append(self.asked(operation.path.format(shop=SHOP)))
        self.answers.append(self.asked("/metrics"))
        answers, self.answers = "\n".join(self.answers), []
        raw = "".join(path.read_bytes().decode("latin-1") for path in files)
        return "\n".join((raw, everything(self.project.database), answers))

    def asked(self, path: str) -> str:
        said = {"Authorization": f"Bearer {TOKEN}"}
        return requests.get(self.service.url + path, headers=said, timeout=10).text

    def rows(self, table: Any, *columns: str) -> list[Any]:
        with self.project.database.reading() as connection:
            found = connection.execute(select(*(table.c[name] for name in columns or table.c.keys())))
            return sorted(found, key=repr)


@pytest.fixture
def kept(tmp_path: Path, plugins: Path, url: str) -> Iterator[Kept]:
    store = MemoryStore(Shop(currency="USD"))
    clock, lines = StoppedClock(NOON), Lines()
    with serve(store) as address:
        more = ["[messages]", 'file = "messages.jsonl"', "[server]", 'token_file = "token"']
        config = write_project(tmp_path, url, address=address, more=more)
        changes = {
            "guardrails": {"max_demotions": {"percent": 0, "count": 0}},
            "messages": [{"on": "promotion", "template": "promotion"}],
        }
        config.with_name("program.json").write_text(json.dumps(DOCUMENT | changes))
        config.with_name("token").write_text(TOKEN)
        outside = Outside(environment={}, clock=clock, sleep=lambda _: None)
        logs = Logs.to(lines, clock=clock, level="debug")
        with logs.in_charge(), running(config, outside=outside, logs=logs) as service:
            yield Kept(service, store, config, outside, clock, lines, logs)


def live(shop: Kept) -> None:
    """Let somebody live in a shop so that they are everywhere. Nothing of the others is special."""
    project, store = shop.project, shop.store
    store.put_customer(
        customer(WHO, email=EMAIL, birthday=BORN, language="en"), customer(BEFORE, email=EMAIL)
    )
    store.put_customer(customer("ann", email="ann@shop.example"), customer("5", email="five@shop.example"))
    # So many that one who is missing isn't taken for a fetch that was cut short.
    store.put_customer(*(customer(f"other-{number}") for number in range(20)))
    store.put_order(order(BEFORE, 300, key="before"), order("ann", 600), order("5", 300))
    shop.work(jobs=True)
    (first,) = proposals_of(shop)
    hand = project.hand("ada")
    approve(project.database, project.shop, first, hand)
    shop.work()
    # A day later: merged into another, and better off, of which a message is written to a file.
    shop.clock.advance(days=1)
    shop.work(jobs=True)
    store.merge(BEFORE, WHO)
    shop.send({"merged": [[BEFORE, WHO]]})
    store.put_order(order(WHO, 600, key="risen"))
    shop.send({"customers": [WHO], "orders": ["risen"]})
    shop.work()
    assert dict(shop.rows(standings, "customer_id", "tier"))[WHO] == "gold"
    assert EMAIL in shop.config.with_name("messages.jsonl").read_text()
    # Drift for the nightly report.
    store.untag(WHO, *store.customer(WHO).tags)
    shop.clock.advance(days=1)
    shop.work(jobs=True)
    assert any(WHO in says for (says,) in shop.rows(jobs, "says"))
    # Plans in every state.
    store.refund("risen")
    store.put_order(order("ann", 900), order("5", 900, key="five"))
    shop.send({"orders": ["risen", "five"]})
    shop.work()
    for waits in proposals_of(shop):
        refuse(project.database, project.shop, waits, hand, f"{NAME} <{EMAIL}> is a friend")
    approve(project.database, project.shop, shop.plan(WHO, "ann"), hand)
    shop.plan(WHO)
    # Webhooks in every state.
    shop.send(f'{{"customers": "{EMAIL}", "name": "{NAME}"}}'.encode())
    shop.send(f'{{"id": "{WHO}", "name": "{NAME}"'.encode())
    shop.send({"customers": ["ann"]}, named="twice")
    shop.send({"customers": [WHO], "name": NAME}, named="twice")
    shop.send({"disclose": [{"customer_id": WHO, "email": EMAIL}], "name": NAME})
    shop.send({"disclose": [{"customer_id": "ann"}], "total": 5, "orders": ["5"]})
    shop.send(b'{"nonsense": 5')
    shop.work()
    (number, *_), *_ = [row for row in shop.rows(inbox, "number", "state") if row.state == "quarantined"]
    Replays(project.database, project.shop, hand).drop([number], f"{WHO} asked for it")
    pause(project.database, project.shop, f"customer {WHO} complains", hand)
    resume(project.database, project.shop, hand)
    pause(project.database, project.shop, f"{EMAIL} complains again", hand)
    shop.send({"customers": [WHO], "name": NAME})
    with project.database.writing() as connection:
        for state in ("planned", "sent", "unknown", "parked", "refused"):
            intent = {
                "key": f"birthday:2026:{state}:{WHO}",
                "kind": "message",
                "action": "put",
                "customer_id": WHO,
                "payload": json.dumps({"email": EMAIL, "text": f"Dear {NAME}"}),
                "reason": f"the mail server doesn't know {EMAIL}",
                "reference": EMAIL,
                "attempts": 1,
                "planned_at": 0,
                "changed_at": 0,
            }
            connection.execute(insert(outbox).values(shop=project.shop, state=state, **intent))
        for kind, id_ in (("customer", WHO), ("event", f"{WHO}:login:1")):
            connection.execute(insert(told).values(shop=project.shop, kind=kind, id=id_))
        failed = json.dumps([f"the store failed over {EMAIL}", "5 customers told"])
        connection.execute(update(jobs).where(jobs.c.name == "reconcile").values(says=failed))


def proposals_of(shop: Kept, state: str = "waiting") -> list[str]:
    with shop.project.database.reading() as connection:
        return [each.row.hash for each in proposals(connection, shop.project.shop, state)]


def by_command(shop: Kept) -> None:
    with pytest.raises(SystemExit) as done:
        main(["redact", WHO, "--yes", "--by", "ada", "--config", str(shop.config)])
    assert not done.value.code


def by_webhook(shop: Kept) -> None:
    shop.send({"redact": [{"customer_id": WHO, "email": EMAIL}], "name": NAME})


def by_address(shop: Kept) -> None:
    shop.send({"redact": [{"email": EMAIL.upper()}], "name": NAME})


@pytest.mark.parametrize("redact", [by_command, by_webhook, by_address])
def test_who_asks_to_be_forgotten_is_found_nowhere_any_more(
    kept: Kept, redact: Callable[[Kept], None]
) -> None:
    live(kept)
    before = kept.written()
    assert [canary for canary in CANARIES if canary not in before] == ["Canary@Example", str(BORN)]
    others = traces(kept)
    redact(kept)
    kept.work()
    kept.project.database.empty_log()
    assert found(kept.written()) == []
    assert traces(kept) == others
    # The store tells of them again, as of somebody new, too.
    kept.store.put_customer(customer(WHO, email=EMAIL, birthday=BORN))
    kept.store.put_order(order(WHO, 5_000, key="again"))
    kept.send({"customers": [WHO], "orders": ["again"], "name": NAME})
    kept.send({"disclose": [{"customer_id": WHO, "email": EMAIL}], "name": NAME})
    resume(kept.project.database, kept.project.shop, kept.project.hand("ada"))
    kept.work()
    kept.clock.advance(days=1)
    kept.work(jobs=True)
    assert found(kept.written()) == []
    assert dict(kept.rows(orders, "id", "customer_id"))["again"] is None
    assert not [tag for tag in kept.store.customer(WHO).tags if tag.startswith("vip-")]
    assert not [canary for canary in CANARIES if canary in kept.lines.getvalue()]
    backup = kept.config.with_name("backup")
    make_backup(kept.project.database, backup, clock=kept.clock)
    assert not [canary for canary in CANARIES if canary.encode() in backup.read_bytes()]
    with kept.project.database.reading() as connection:
        assert not list(breaks(connection, kept.project.shop))


def found(text: str, *names: str) -> list[str]:
    """Where somebody is named, with what stands around it."""
    either = "|".join(map(re.escape, names or CANARIES))
    return [text[max(0, each.start() - 60) : each.end() + 40] for each in re.finditer(either, text)]


def traces(shop: Kept) -> list[Any]:
    """What is known of the others, the customer with the short id 5 among them."""
    webhooks = [
        (row.number, row.state, row.body)
        for row in shop.rows(inbox, "number", "state", "body")
        if row.body and (b'"ann"' in row.body or b"nonsense" in row.body)
    ]
    held = [row for row in shop.rows(standings) if row.customer_id in ("ann", "5")]
    said = [row for row in shop.rows(ledger) if row.customer_id in ("ann", "5")]
    return [webhooks, held, said]


def test_a_short_id_takes_nothing_of_others_with_it(kept: Kept) -> None:
    live(kept)
    whole = traces(kept)[0]
    approved = kept.rows(plans, "hash", "state", "text")
    reconciled = [says for name, says in kept.rows(jobs, "name", "says") if name == "reconcile"]
    was = [row for row in kept.rows(ledger) if row.customer_id is None]
    main_redacts(kept, "5")
    # What can't be read could be theirs.
    assert [each for each in whole if b"nonsense" not in each[2]] == traces(kept)[0]
    assert approved == kept.rows(plans, "hash", "state", "text")
    assert reconciled == [says for name, says in kept.rows(jobs, "name", "says") if name == "reconcile"]
    assert was == [row for row in kept.rows(ledger) if row.customer_id is None]
    assert "5" not in dict(kept.rows(standings, "customer_id", "tier"))
    assert not [key for (key,) in kept.rows(outbox, "key") if key.endswith(":5")]
    assert "five@shop.example" not in kept.written()


def main_redacts(shop: Kept, who: str) -> None:
    with pytest.raises(SystemExit) as done:
        main(["redact", who, "--yes", "--by", "ada", "--config", str(shop.config)])
    assert not done.value.code


def test_a_plan_that_was_made_before_a_redaction_isnt_kept_after_it(kept: Kept) -> None:
    live(kept)
    project = kept.project
    asked = Request(as_of=project.today(), customers=[WHO, "ann"])
    made = make_plan(project.database, project.shop, project.program, asked, project.means.capabilities)
    assert made.evaluated is not None
    assert WHO in made.evaluated
    main_redacts(kept, WHO)
    with pytest.raises(AtWork, match="made again"), project.database.writing() as connection:
        propose(connection, project.shop, made, [], project.means.now())
    assert WHO not in json.dumps([row.text for row in kept.rows(plans, "text")])


def test_who_was_never_known_stays_away(kept: Kept) -> None:
    live(kept)
    kept.send({"redact": [{"customer_id": "canary-new", "email": "new@canary.example"}]})
    kept.work()
    kept.store.put_customer(customer("canary-new", email="new@canary.example"))
    kept.send({"customers": ["canary-new"]})
    kept.work()
    kept.clock.advance(days=1)
    kept.work(jobs=True)
    assert found(kept.written(), "canary-new", "new@canary.example") == []
