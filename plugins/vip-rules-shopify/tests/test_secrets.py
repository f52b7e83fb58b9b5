"""No secret is told anywhere: not in logs, errors, plans, the ledger, the outbox or the database, however badly things go."""

from __future__ import annotations

import io
import json
import logging
import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select
from vip_rules.adapter import PlatformFailed
from vip_rules.database.tables import outbox
from vip_rules.plan import PlanRefused
from vip_rules.sync import FetchShrank

from tests.boutique import Boutique, fill, order, program
from tests.shop import FakeShopify, Fault
from tests.workbench import Clock, opening
from vip_rules_shopify.adapter import ShopifyAdapter
from vip_rules_shopify.admin.grants import Grant
from vip_rules_shopify.admin.tokenfile import write_grant

SECRET: Final = "shpss_canary-client-secret"
WEBHOOKS: Final = "canary-webhook-secret"
FORMER: Final = "canary-former-secret"
STORM: Final = (
    Fault.LOST_ANSWER,
    Fault.LOST_REQUEST,
    Fault.HTTP_502_DONE,
    Fault.UNAUTHORIZED,
    Fault.WRONG_JSON,
    Fault.HALF_ANSWER,
    Fault.INTERNAL_ERROR_DONE,
    Fault.TOO_MANY_REQUESTS,
)


class Canaries:
    """What was said anywhere, and the secrets that mustn't be in it."""

    def __init__(self, shop: FakeShopify) -> None:
        self.shop, self.said = shop, io.StringIO()
        self.secrets = {SECRET, WEBHOOKS, FORMER, "X-Goog-Signature"}

    def found(self) -> list[str]:
        secrets = {*self.secrets, *self.shop.tokens.access, *self.shop.tokens._refreshes}
        return sorted(secret for secret in secrets if secret in self.said.getvalue())

    def error(self, error: BaseException | None) -> None:
        """An error and all that led to it, with what its frames would show of their locals' reprs."""
        while error is not None:
            self.said.write(f"{error!r} {error} {error.args!r} {vars(error)!r}\n")
            self.said.write("".join(traceback.format_exception(error)))
            error = error.__cause__ or error.__context__


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(clock: Clock) -> Iterator[FakeShopify]:
    with FakeShopify(clock=clock) as fake:
        fake.tokens.client_secret = SECRET
        yield fake


@pytest.fixture
def canaries(shop: FakeShopify) -> Iterator[Canaries]:
    """Everything that is logged, of whatever library, in all detail."""
    canaries = Canaries(shop)
    handler, root = logging.StreamHandler(canaries.said), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield canaries
    root.setLevel(level)
    root.removeHandler(handler)


def opened(shop: FakeShopify, clock: Clock, tokens: Path) -> ShopifyAdapter:
    given = opening(clock)
    settings: dict[str, Any] = {
        **given.settings,
        "base_url": shop.url,
        "client_id": shop.tokens.client_id,
        "client_secret": SECRET,
        "webhook_secret": WEBHOOKS,
        "former_webhook_secret": FORMER,
        "app_tokens": str(tokens),
    }
    return ShopifyAdapter.open(replace(given, settings=settings))


def test_no_secret_is_told_however_badly_a_run_goes(
    tmp_path: Path, shop: FakeShopify, clock: Clock, canaries: Canaries
) -> None:
    tokens = tmp_path / "tokens.json"
    access, refresh = shop.tokens.issue_refresh()
    write_grant(tokens, Grant(access, clock() + timedelta(hours=1), refresh))
    fill(shop)
    for number in (1, 2, 3):
        order(shop, 7_000 + number, number, 60_000, clock() - timedelta(days=9))
    boutique = Boutique(tmp_path, shop, clock, program())
    boutique.adapter.close()
    boutique.adapter = adapter = opened(shop, clock, tokens)
    said = canaries.said
    for place in range(24):
        shop.faults.clear()
        shop.faults.add(STORM[place % len(STORM)], calls=range(len(shop.calls), len(shop.calls) + 200, 3))
        if place % 5 == 4:
            shop.tokens.revoke(max(shop.tokens.access, key=str))
            shop.faults.add(STORM[place % len(STORM)], kind="token", times=2)
        clock.sleep(3_700)
        try:
            boutique.sync(full=place % 2 == 0)
        except (PlatformFailed, FetchShrank) as error:
            canaries.error(error)
        try:
            plan = boutique.plan()
            said.write(repr(plan) + json.dumps(plan.record(), default=str))
            said.write(repr(boutique.apply(plan).record()))
        except PlanRefused as error:
            canaries.error(error)
        said.write(repr(list(adapter.checkup())))
        try:
            said.write(repr(list(adapter.repair())))
        except PlatformFailed as error:
            canaries.error(error)
    said.write(repr(adapter) + repr(vars(adapter)) + repr(adapter.webhooks))
    delivery = shop.webhook("customers/update", of=1, secret="other")
    assert adapter.webhooks is not None
    said.write(repr(adapter.webhooks.verify(delivery)))
    with boutique.database.reading() as connection:
        said.write(repr(connection.execute(select(outbox)).all()))
    boutique.close()
    with closing(sqlite3.connect(tmp_path / "vip.db")) as connection:
        said.write("\n".join(connection.iterdump()))
    assert "urllib3" in said.getvalue() or "Starting new HTTP connection" in said.getvalue()
    assert len(shop.tokens.access) > 2
    assert canaries.found() == []
    files = [file for file in tmp_path.iterdir() if file != tokens and file.is_file()]
    everything = b"".join(file.read_bytes() for file in files)
    assert not [each for each in (SECRET, WEBHOOKS, *shop.tokens.access) if each.encode() in everything]


@pytest.mark.parametrize("fault", [*STORM, Fault.HTTP_500])
def test_no_secret_is_in_what_a_refused_token_fails_with(
    tmp_path: Path, shop: FakeShopify, clock: Clock, canaries: Canaries, fault: Fault
) -> None:
    tokens = tmp_path / "tokens.json"
    access, refresh = shop.tokens.issue_refresh()
    write_grant(tokens, Grant(access, clock() + timedelta(minutes=1), refresh))
    adapter = opened(shop, clock, tokens)
    clock.sleep(120)
    shop.faults.add(fault, kind="token")
    with pytest.raises(PlatformFailed) as failed:
        adapter.shop()
    canaries.error(failed.value)
    adapter.close()
    assert canaries.said.getvalue()
    assert canaries.found() == []
