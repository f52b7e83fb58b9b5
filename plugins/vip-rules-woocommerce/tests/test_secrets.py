"""No secret is told anywhere, however badly things go; and a redacted customer's address is nowhere any more."""

from __future__ import annotations

import base64
import io
import json
import logging
import sqlite3
import ssl
import subprocess
import traceback
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from sqlalchemy import select
from vip_rules.adapter import PlatformFailed
from vip_rules.database.tables import outbox
from vip_rules.operations.erasure import erase
from vip_rules.plan import PlanRefused
from vip_rules.sync import FetchShrank

from tests.boutique import Boutique, Clock, address, fill, order, program
from tests.woocommerce.access import Key
from tests.woocommerce.calls import Call
from tests.woocommerce.faults import Fault
from tests.woocommerce.server import FakeWooCommerce
from vip_rules_woocommerce.effects.codes import fingerprint

KEY: Final = Key(consumer_key="ck_canary0key", consumer_secret="cs_canary0secret")
WEBHOOKS: Final = "canary-webhook-secret"
FORMER: Final = "canary-former-secret"
STORM: Final[tuple[dict[str, Any], ...]] = (
    {"fault": Fault.LOST_ANSWER},
    {"fault": Fault.LOST_REQUEST},
    {"fault": Fault.HALF_ANSWER},
    {"fault": Fault.HTML},
    {"fault": Fault.ANSWER, "status": 500},
    {"fault": Fault.ANSWER_AFTER, "status": 503},
    {"fault": Fault.ANSWER, "status": 401, "code": "woocommerce_rest_authentication_error"},
    {
        "fault": Fault.ANSWER,
        "status": 301,
        "code": "",
        "headers": {"Location": "https://www.shop.example/?c=canary"},
    },
    {"fault": Fault.ANSWER, "status": 429, "headers": {"Retry-After": "3"}},
)


class Said:
    """What was said anywhere, and the secrets that mustn't be in it."""

    def __init__(self) -> None:
        self.text = io.StringIO()

    def hidden(self) -> list[str]:
        """All secrets, also as they are written in headers and addresses."""
        plain = [KEY.consumer_key, KEY.consumer_secret, WEBHOOKS, FORMER]
        both = base64.b64encode(f"{KEY.consumer_key}:{KEY.consumer_secret}".encode()).decode()
        twice = [quote(quote(each, safe=""), safe="") for each in plain]
        return [*plain, both, *(quote(each, safe="") for each in plain), *twice, "oauth_signature", "canary"]

    def found(self) -> list[str]:
        said = self.text.getvalue()
        return [each for each in self.hidden() if each in said]

    def error(self, error: BaseException | None) -> None:
        """An error and all that led to it."""
        while error is not None:
            self.text.write(f"{error!r} {error} {error.args!r} {vars(error)!r}\n")
            self.text.write("".join(traceback.format_exception(error)))
            error = error.__cause__ or error.__context__


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["http", "https"])
def shop(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[FakeWooCommerce]:
    tls = None
    if request.param == "https":
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate(tmp_path))
    with FakeWooCommerce(clock=clock, tls=tls) as shop:
        shop.add_key(KEY)
        yield shop
    assert shop.crashes == []


@pytest.fixture
def said() -> Iterator[Said]:
    """Everything that is logged, of whatever library, in all detail."""
    said = Said()
    handler, root = logging.StreamHandler(said.text), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield said
    root.setLevel(level)
    root.removeHandler(handler)


def certificate(folder: Path) -> Path:
    """A certificate for this machine that it signed itself; its key is in the same file."""
    file, key = folder / "shop.pem", folder / "key.pem"
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "30000")
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    subprocess.run(
        ["openssl", "req", "-x509", *kind, *subject, "-keyout", key, "-out", file],
        check=True,
        capture_output=True,
    )
    file.write_text(file.read_text("ascii") + key.read_text("ascii"), "ascii")
    return file


def is_third_after(number: int, call: Call) -> bool:
    return (call.number - number) % 3 == 1


def boutique_of(shop: FakeWooCommerce, clock: Clock, folder: Path) -> Boutique:
    secured: dict[str, Any] = {"ca_bundle": str(folder / "shop.pem")} if shop.secure else {}
    return Boutique(
        folder,
        shop,
        clock,
        program(),
        consumer_key=KEY.consumer_key,
        consumer_secret=KEY.consumer_secret,
        webhook_secret=WEBHOOKS,
        former_webhook_secret=FORMER,
        **secured,
    )


@pytest.mark.slow
def test_no_secret_is_told_however_badly_a_run_goes(
    tmp_path: Path, shop: FakeWooCommerce, clock: Clock, said: Said
) -> None:
    fill(shop)
    for number in (1, 2, 3):
        order(shop, 7_000 + number, number, 60_000, clock())
    boutique = boutique_of(shop, clock, tmp_path)
    write = said.text.write
    for place in range(2 * len(STORM)):
        shop.faults.clear()
        begin = len(shop.calls)
        shop.faults.add(
            when=partial(is_third_after, begin),
            times=None,
            **STORM[place % len(STORM)],
        )
        clock.sleep(3_700)
        try:
            boutique.sync(full=place % 2 == 0)
        except (PlatformFailed, FetchShrank) as error:
            said.error(error)
        try:
            plan = boutique.plan()
            write(repr(plan) + json.dumps(plan.record(), default=str))
            write(repr(boutique.apply(plan).record()) + repr(boutique.drift().record()))
        except PlanRefused as error:
            said.error(error)
        write(repr(list(boutique.adapter.checkup())))
        try:
            write(repr(list(boutique.adapter.repair())))
        except PlatformFailed as error:
            said.error(error)
        if place == len(STORM):
            shop.faults.clear()
            boutique.settle()
    adapter = boutique.adapter
    write(repr(adapter) + repr(vars(adapter)) + repr(vars(adapter._rest)) + repr(adapter._rest.access))  # type: ignore[attr-defined]
    assert adapter.webhooks is not None
    for secret in (WEBHOOKS, FORMER, "another"):
        write(repr(adapter.webhooks.verify(shop.deliver("customer.updated", 1, secret))))
    write(repr(adapter.webhooks))
    with boutique.database.reading() as connection:
        write(repr(connection.execute(select(outbox)).all()))
    boutique.close()
    with closing(sqlite3.connect(tmp_path / "vip.db")) as connection:
        write("\n".join(connection.iterdump()))
    assert "Starting new HTTP" in said.text.getvalue()
    assert said.found() == []
    files = [file for file in tmp_path.iterdir() if file.is_file() and file.suffix != ".pem"]
    everything = b"".join(file.read_bytes() for file in files)
    assert not [each for each in said.hidden() if each.encode() in everything]


def test_no_address_of_a_customer_is_logged(
    tmp_path: Path, shop: FakeWooCommerce, clock: Clock, said: Said
) -> None:
    fill(shop)
    order(shop, 7_001, 1, 60_000, clock())
    boutique = boutique_of(shop, clock, tmp_path)
    boutique.reopen(link_guests=True)
    order(shop, 7_002, None, 60_000, clock())
    boutique.sync(full=True)
    said.text.write(repr(boutique.apply().record()))
    boutique.close()
    assert [each for each in ("@", "%40", address(1)) if each in said.text.getvalue()] == []


def test_the_address_of_a_redacted_customer_is_gone_and_stays_gone(
    tmp_path: Path, shop: FakeWooCommerce, clock: Clock
) -> None:
    fill(shop)
    for number in (1, 2):
        order(shop, 7_000 + number, number, 60_000, clock())
    boutique = boutique_of(shop, clock, tmp_path)
    boutique.sync(full=True)
    boutique.apply()
    assert address(1) in held(boutique, tmp_path)
    erase(boutique.database, boutique.shop, "1", boutique.hand, boutique.means)
    assert address(1) not in held(boutique, tmp_path)
    theirs = [row["description"] for row in shop.coupons if row["email_restrictions"] == [address(1)]]
    assert theirs == ["vip-rules " + fingerprint("discount:gold:1"), "25.00 USD: promotion 2026"]
    clock.sleep(60)
    order(shop, 7_003, 1, 60_000, clock())
    for full in (False, True):
        boutique.sync(full=full)
        boutique.apply()
        assert address(1) not in held(boutique, tmp_path)
    assert address(2) in held(boutique, tmp_path)
    boutique.close()


def held(boutique: Boutique, folder: Path) -> str:
    """All that the database's files hold."""
    return "".join(file.read_bytes().decode("latin-1") for file in folder.glob("vip.db*"))
