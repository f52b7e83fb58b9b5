"""The worker's log at its most talkative, on days on which everything goes wrong: it names nobody."""

import json
import logging
from collections.abc import Callable, Sequence
from typing import Any

from tests.apply.atelier import NAME, Atelier, customer, order
from tests.apply.conftest import Opened
from tests.logs.lines import Lines
from tests.worker.bench import project_of
from vip_rules import inbox
from vip_rules.adapter import Intent, Outcome, PlatformFailed, Refused
from vip_rules.inbox import Arrived
from vip_rules.logs import Logs
from vip_rules.store import Page
from vip_rules.testing.webhooks import CHANGED, MemoryWebhooks
from vip_rules.worker.turn import Turn
from vip_rules.worker.worker import jobs_of, stages_of

WHO = "5551234567890"
ORDER = "7771234567890"
EMAIL = "amara@canary.example"
SECRET = "canary-secret-0123456789abcdef"
CANARIES = (WHO, ORDER, EMAIL, SECRET)


def webhook(shop: Atelier, number: int, body: bytes) -> Arrived:
    now = shop.means.now()
    return Arrived(
        shop=shop.shop, topic=CHANGED, delivery=f"{EMAIL}-{number}", body=body, sent_at=now, received_at=now
    )


def answers(*errors: Exception, then: Callable[..., Any]) -> Callable[..., Any]:
    """A method that fails in these ways, one after the other, and works then."""
    left = list(errors)

    def answer(*args: Any, **kwargs: Any) -> Any:
        if left:
            raise left.pop(0)
        return then(*args, **kwargs)

    return answer


def test_the_log_of_the_work_names_nobody(opened: Opened) -> None:
    shop = opened()
    shop.store.put_customer(customer(WHO, email=EMAIL), customer("ann"), customer("bob"))
    shop.store.put_order(order("ann", 600), order("bob", 300))
    shop.sync()
    shop.apply()
    shop.clock.advance(days=1)
    shop.store.put_order(order(WHO, 600, key=ORDER))
    says = [{"customers": [WHO], "orders": [ORDER]}, {"redact": [{"customer_id": "bob", "email": EMAIL}]}]
    bodies = [*(json.dumps(each).encode() for each in says), f"{{ {EMAIL} {WHO}".encode()]
    with shop.database.writing() as connection:
        inbox.keep(connection, [webhook(shop, n, body) for n, body in enumerate(bodies)])

    lines = Lines()
    logs = Logs.to(lines, clock=shop.clock, level="debug")
    project = project_of(shop, MemoryWebhooks(NAME, [SECRET]))
    adapter: Any = shop.adapter
    fetch: Callable[..., Page] = adapter.fetch
    carry_out: Callable[[Sequence[Intent]], Sequence[Outcome]] = adapter.carry_out
    adapter.fetch = answers(
        PlatformFailed(f'the store says "{EMAIL}" of {WHO}'), ValueError(f"{EMAIL} {ORDER}"), then=fetch
    )
    adapter.pages = answers(KeyError(EMAIL), then=adapter.pages)
    adapter.carry_out = lambda intents: (
        [Refused(f"{EMAIL} can't be given it: {SECRET}") for _ in intents]
        if any(intent.kind == "store_credit" for intent in intents)
        else carry_out(intents)
    )
    with logs.in_charge():
        logging.getLogger().setLevel(logging.DEBUG)
        log = logs.of(NAME)
        turn = Turn({**stages_of(project, log), **jobs_of(project, log)}, log, shop.means.now)
        for _ in range(40):
            turn.take()
            shop.clock.advance(seconds=30)

    said = {line["event"] for line in lines.read_all()}
    assert {"quarantined", "redacted", "hindered", "mistaken", "applied", "job_ended"} <= said
    assert shop.tiers()[WHO] == "gold"
    assert not [canary for canary in CANARIES if canary in lines.getvalue()]
    assert not [line for line in lines.read_all() if "dropped" in line]
