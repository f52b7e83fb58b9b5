"""The check-up of a shop: what is well, what isn't, and what to do about it; and what is mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from vip_rules.adapter import PlatformFailed
from vip_rules.checkup import Finding
from vip_rules.rates import Rate, Rates
from vip_rules.store import StoreCustomer

from tests.shop import FakeShopify, Fault
from tests.shop.state import Discount
from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.admin.tokens import StaticToken
from vip_rules_shopify.checkup import Setup, checkup, repair
from vip_rules_shopify.definitions import FIELDS

URL = "https://vip.example.com/webhooks/atelier"
KINDS = ("customer", "segment", "discount", "free_shipping", "store_credit", "entitlements")


@pytest.fixture
def shop() -> Iterator[FakeShopify]:
    with FakeShopify() as fake:
        yield fake


class Doctor:
    """A check-up of a shop that is well, with what a test changes."""

    def __init__(self, shop: FakeShopify) -> None:
        self.shop = shop
        self.tokens = StaticToken(shop.token)
        self.version = "2026-10"
        self.setup = Setup(
            base_url=shop.url,
            tokens=self.tokens,
            currency="USD",
            timezone=ZoneInfo("UTC"),
            clock=lambda: datetime.now(UTC),
            kinds=KINDS,
            definitions=FIELDS,
            rates=Rates(),
            webhook_url=URL,
            checks_webhooks=True,
        )

    def admin(self) -> Admin:
        return Admin(
            self.shop.url,
            version=self.version,
            tokens=self.tokens,
            clock=lambda: datetime.now(UTC),
            sleep=lambda seconds: None,
            entropy=bytes,
        )

    def findings(self, **changes: Any) -> list[Finding]:
        admin = self.admin()
        try:
            return list(checkup(admin, replace(self.setup, **changes)))
        finally:
            admin.close()

    def repair(self, **changes: Any) -> list[str]:
        admin = self.admin()
        try:
            return list(repair(admin, replace(self.setup, **changes)))
        finally:
            admin.close()

    def make_well(self) -> None:
        """Mend what can be mended, and do what only the merchant can."""
        self.shop.scopes |= {"read_fulfillments"}
        admin = self.admin()
        admin.mutate("birth_date_enable")
        admin.close()
        self.repair()


@pytest.fixture
def doctor(shop: FakeShopify) -> Doctor:
    made = Doctor(shop)
    made.make_well()
    return made


def amiss(found: list[Finding]) -> list[Finding]:
    """What isn't good. Each says what to do."""
    assert all(finding.remedy for finding in found if finding.state != "good")
    return [finding for finding in found if finding.state != "good"]


def only(found: list[Finding], subject: str, state: str) -> Finding:
    """The one thing that is amiss."""
    (finding,) = amiss(found)
    assert (finding.subject, finding.state) == (subject, state)
    return finding


def test_a_shop_that_is_well_is_found_well(doctor: Doctor) -> None:
    found = doctor.findings()
    assert amiss(found) == []
    assert [finding.subject for finding in found] == [
        "clock",
        "access",
        "API version",
        "scopes",
        "history",
        "currency",
        "time zone",
        "personal data",
        "birthdays",
        "webhooks",
        "privacy requests",
        "fields",
        "discounts",
    ]


def test_a_check_up_changes_nothing(doctor: Doctor) -> None:
    before = len(doctor.shop.calls)
    doctor.findings()
    assert not [call.operation for call in doctor.shop.calls[before:] if call.mutation]


def test_a_refused_token_is_told_with_what_to_do(doctor: Doctor) -> None:
    doctor.tokens = StaticToken("shpat_wrong")
    finding = only(doctor.findings(), "access", "bad")
    assert "401" in finding.says or "refused" in finding.says
    assert "new token" in finding.remedy
    assert "shpat" not in repr(finding)


def test_a_shop_that_cannot_be_reached_is_a_finding(doctor: Doctor) -> None:
    doctor.shop.close()
    doctor.setup = replace(doctor.setup, base_url="http://127.0.0.1:9")
    admin = Admin(
        "http://127.0.0.1:9",
        tokens=doctor.tokens,
        clock=lambda: datetime.now(UTC),
        sleep=lambda seconds: None,
        entropy=bytes,
    )
    finding = only(list(checkup(admin, doctor.setup)), "access", "bad")
    assert "reached" in finding.remedy


@pytest.mark.parametrize(
    ("away", "state"),
    [(30, None), (-30, None), (90, "warning"), (-90, "warning"), (900, "bad"), (-900, "bad")],
)
def test_a_clock_that_is_wrong_is_told(doctor: Doctor, away: int, state: str | None) -> None:
    found = doctor.findings(clock=lambda: datetime.now(UTC) + timedelta(seconds=away))
    if state is None:
        assert amiss(found) == []
    else:
        assert "NTP" in only(found, "clock", state).remedy


def test_a_version_that_fell_forward_is_told(doctor: Doctor) -> None:
    doctor.shop.served_version = "2027-01"
    finding = only(doctor.findings(), "API version", "warning")
    assert "2027-01" in finding.says
    assert "newer" in finding.remedy


def test_a_version_that_is_not_supported_is_told(doctor: Doctor) -> None:
    doctor.shop.versions = ["2026-07", "2027-01"]
    found = amiss(doctor.findings(webhook_url=None))
    finding = next(each for each in found if each.subject == "API version")
    assert "2027-01 is the newest" in finding.remedy


@pytest.mark.parametrize(
    ("scope", "state"),
    [
        ("read_products", "warning"),
        ("read_customer_merge", "warning"),
        ("write_discounts", "warning"),
        ("write_store_credit_account_transactions", "warning"),
        ("read_store_credit_accounts", "warning"),
        ("write_orders", "bad"),
    ],
)
def test_a_missing_scope_is_told_with_what_does_not_work(doctor: Doctor, scope: str, state: str) -> None:
    doctor.shop.scopes -= {scope}
    finding = only(doctor.findings(), "scopes", state)
    assert finding.remedy.startswith("add ")


def test_reading_customers_is_not_enough(doctor: Doctor) -> None:
    doctor.shop.scopes ^= {"write_customers", "read_customers"}
    assert "write_customers" in only(doctor.findings(), "scopes", "bad").says


def test_scopes_of_effects_that_are_not_wanted_are_not_missed(doctor: Doctor) -> None:
    doctor.shop.scopes -= {"write_discounts", "write_store_credit_account_transactions"}
    assert amiss(doctor.findings(kinds=("customer", "segment"))) == []


def test_no_scope_at_all_is_told_without_failing(doctor: Doctor) -> None:
    doctor.shop.scopes.clear()
    found = amiss(doctor.findings())
    assert {"scopes", "history"} <= {finding.subject for finding in found}


def test_hidden_orders_are_said_loudly(doctor: Doctor) -> None:
    doctor.shop.scopes -= {"read_all_orders"}
    finding = only(doctor.findings(), "history", "warning")
    assert "OLDER THAN 60 DAYS" in finding.says
    assert "sync --full" in finding.remedy


def test_another_currency_needs_rates(doctor: Doctor) -> None:
    assert "set aside" in only(doctor.findings(currency="EUR"), "currency", "bad").says
    rates = Rates([Rate(0, "USD", "EUR", Decimal("0.9"))])
    assert "converted" in only(doctor.findings(currency="EUR", rates=rates), "currency", "warning").says


def test_another_time_zone_is_told(doctor: Doctor) -> None:
    finding = only(doctor.findings(timezone=ZoneInfo("America/New_York")), "time zone", "warning")
    assert finding.remedy == "set timezone in the program to UTC"


def test_personal_data_that_is_hidden_is_told(doctor: Doctor) -> None:
    created = datetime(2026, 1, 1, tzinfo=UTC)
    doctor.shop.put_customer(StoreCustomer(id="1", created_at=created, email="ada@example.com"))
    assert amiss(doctor.findings()) == []
    doctor.shop.personal = False
    assert "level 2" in only(doctor.findings(), "personal data", "warning").remedy
    assert amiss(doctor.findings(wanted=frozenset())) == []


def test_without_the_standard_field_there_are_no_birthdays(doctor: Doctor) -> None:
    doctor.shop.definitions = {
        number: each for number, each in doctor.shop.definitions.items() if each.key != "birth_date"
    }
    assert "Birth date" in only(doctor.findings(), "birthdays", "warning").remedy


def test_without_an_address_nothing_is_told_by_the_shop(doctor: Doctor) -> None:
    assert "webhook_url" in only(doctor.findings(webhook_url=None), "webhooks", "warning").remedy


def test_without_a_secret_webhooks_are_not_accepted(doctor: Doctor) -> None:
    assert "secret" in only(doctor.findings(checks_webhooks=False), "webhooks", "bad").says


def test_an_address_that_cannot_be_is_told(doctor: Doctor) -> None:
    assert "https" in only(doctor.findings(webhook_url="http://vip.example.com"), "webhooks", "bad").says


def test_dropped_subscriptions_are_told_and_mended(doctor: Doctor) -> None:
    doctor.shop.subscriptions.clear()
    finding = only(doctor.findings(), "webhooks", "bad")
    assert "eight times" in finding.says
    assert "--repair" in finding.remedy
    doctor.repair()
    assert amiss(doctor.findings()) == []


def test_some_dropped_subscriptions_are_told_by_name(doctor: Doctor) -> None:
    gone = next(each for each in doctor.shop.subscriptions.values() if each.topic == "ORDERS_PAID")
    del doctor.shop.subscriptions[gone.id]
    assert "ORDERS_PAID" in only(doctor.findings(), "webhooks", "bad").says


def test_a_shop_that_gives_codes_needs_no_room_for_automatic_discounts(doctor: Doctor) -> None:
    assert "discounts" in [finding.subject for finding in doctor.findings()]
    assert "discounts" not in [finding.subject for finding in doctor.findings(automatic=False)]


def test_wrong_subscriptions_are_told_and_mended(doctor: Doctor) -> None:
    for each in doctor.shop.subscriptions.values():
        each.filter = "id:1"
    assert "ORDERS_PAID" in only(doctor.findings(), "webhooks", "warning").says
    doctor.repair()
    assert amiss(doctor.findings()) == []


def test_other_addresses_are_told_by_their_hosts(doctor: Doctor) -> None:
    one = next(iter(doctor.shop.subscriptions.values()))
    other = replace(one, id=7, uri="https://old.example.com/hook?key=secret")
    doctor.shop.subscriptions[7] = other
    finding = only(doctor.findings(), "webhooks", "warning")
    assert "old.example.com" in finding.says
    assert "secret" not in finding.says


def test_webhooks_of_another_version_are_told(doctor: Doctor) -> None:
    doctor.shop.versions.append("2027-01")
    finding = only(doctor.findings(), "webhooks", "warning")
    assert "2027-01" in finding.says


def test_missing_fields_are_told_and_defined(doctor: Doctor) -> None:
    doctor.shop.definitions = {
        number: each for number, each in doctor.shop.definitions.items() if each.key != "tier"
    }
    assert "tier" in only(doctor.findings(), "fields", "warning").says
    assert doctor.repair() == ["the customers' field tier was defined"]
    assert amiss(doctor.findings()) == []


def test_fields_that_themes_may_not_read_are_told_and_shown(doctor: Doctor) -> None:
    tier = next(each for each in doctor.shop.definitions.values() if each.key == "tier")
    tier.input = {**tier.input, "access": {"storefront": "NONE"}}
    assert "themes may not" in only(doctor.findings(), "fields", "warning").says
    assert doctor.repair() == ["themes may read the customers' field tier now"]
    assert amiss(doctor.findings()) == []


def test_a_field_of_another_type_is_for_a_person(doctor: Doctor) -> None:
    tier = next(each for each in doctor.shop.definitions.values() if each.key == "tier")
    tier.type = "json"
    assert "json instead of single_line_text_field" in only(doctor.findings(), "fields", "bad").says


def test_a_field_that_somebody_defined_meanwhile_is_there(doctor: Doctor) -> None:
    doctor.shop.definitions.clear()
    doctor.shop.faults.add(
        Fault.USER_ERROR,
        when=lambda call: call.operation == "MetafieldDefinitionCreate",
        times=1,
        code="TAKEN",
        message="Key is in use",
    )
    assert len(doctor.repair()) == len(FIELDS) - 1


def test_where_all_is_well_nothing_is_repaired(doctor: Doctor) -> None:
    before = len(doctor.shop.calls)
    assert doctor.repair() == []
    assert not [call.operation for call in doctor.shop.calls[before:] if call.mutation]


def test_without_an_address_only_fields_are_repaired(doctor: Doctor) -> None:
    doctor.shop.subscriptions.clear()
    doctor.shop.definitions.clear()
    assert len(doctor.repair(webhook_url=None)) == len(FIELDS)
    assert not doctor.shop.subscriptions


def test_webhooks_are_mended_though_fields_fail(doctor: Doctor) -> None:
    doctor.shop.subscriptions.clear()
    doctor.shop.definitions.clear()
    doctor.shop.faults.add(
        Fault.USER_ERROR, when=lambda call: call.operation == "MetafieldDefinitionCreate", times=2
    )
    with pytest.raises(PlatformFailed, match="tier"):
        doctor.repair()
    assert doctor.shop.subscriptions


@pytest.mark.parametrize(
    ("others", "state", "says"),
    [(20, "good", "20 of 25"), (21, "warning", "21 of 25"), (25, "warning", "no more")],
)
def test_room_for_automatic_discounts_is_told(doctor: Doctor, others: int, state: str, says: str) -> None:
    now = datetime.now(UTC)
    start = now - timedelta(days=1)
    made = [Discount(n, True, n % 2 == 0, f"Sale {n}", start, start, start) for n in range(1, others + 1)]
    ended = Discount(900, True, False, "Ended", start, start, start, ends_at=now - timedelta(hours=1))
    code = Discount(901, False, False, "Code", start, start, start, code="SALE")
    doctor.shop.discounts = {each.id: each for each in [*made, ended, code]}
    found = doctor.findings()
    finding = next(each for each in found if each.subject == "discounts")
    assert finding.state == state
    assert says in finding.says


@pytest.mark.parametrize(
    "operation", ["PersonalData", "WebhookList", "MetafieldDefinitions", "AutomaticDiscounts"]
)
def test_what_cannot_be_looked_at_is_a_finding(doctor: Doctor, operation: str) -> None:
    doctor.shop.faults.add(Fault.HTTP_500, when=lambda call: call.operation == operation)
    found = doctor.findings()
    assert [each.state for each in amiss(found)].count("bad") >= 1
    assert any("couldn't be looked at" in each.says for each in found)
