"""What a store tells by itself, and how it is set up."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from vip_rules.adapter import (
    Adapter,
)
from vip_rules.testing.assertions import (
    hears,
    said_well,
)
from vip_rules.testing.contract.shop import ShopContract
from vip_rules.testing.workbench import Workbench
from vip_rules.webhooks import Forged, Genuine, InvalidWebhook, News


class NewsContract(ShopContract):
    """Deliveries are checked and read, whatever their bytes; what is amiss in the store says what to do."""

    @pytest.mark.parametrize("what", ["customer", "order"])
    def test_a_delivery_names_what_changed(
        self, adapter: Adapter, workbench: Workbench, what: Literal["customer", "order"]
    ) -> None:
        """Genuine, it says whose data are to be looked at again."""
        webhooks = hears(adapter)
        key = (workbench.customers if what == "customer" else workbench.orders)[0].id
        delivery = workbench.delivery(what, key)
        verdict = webhooks.verify(delivery)
        assert isinstance(verdict, Genuine), f"expected Genuine, got {verdict}"
        news = webhooks.read(verdict.topic, delivery.body)
        assert key in (news.customers if what == "customer" else news.orders)

    def test_a_delivery_that_was_tampered_with_is_forged(
        self, adapter: Adapter, workbench: Workbench
    ) -> None:
        """By a byte of its body, by its signature, or without any."""
        webhooks = hears(adapter)
        delivery = workbench.delivery("customer", workbench.customers[0].id)
        forgeries = [
            replace(delivery, body=delivery.body + b" "),
            replace(delivery, body=b""),
            replace(delivery, headers=()),
            replace(delivery, headers=[(name, value[::-1]) for name, value in delivery.headers]),
            replace(delivery, headers=[*delivery.headers, *delivery.headers]),
            replace(delivery, headers=[(name, f"{value}é") for name, value in delivery.headers]),
        ]
        for forgery in forgeries:
            verdict = webhooks.verify(forgery)
            assert isinstance(verdict, Forged), f"expected Forged, got {verdict}"
            said_well(verdict.reason, workbench)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            b"[]",
            b"{}",
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"id": ' + b"9" * 5_000 + b"}",
            b'{"id": NaN}',
        ],
        ids=["empty", "null", "list", "nothing", "utf16", "deep", "digits", "nan"],
    )
    def test_a_body_of_any_bytes_is_read_or_invalid(
        self, adapter: Adapter, workbench: Workbench, body: bytes
    ) -> None:
        """Nothing else: whoever reads deliveries lives on."""
        webhooks = hears(adapter)
        verdict = webhooks.verify(workbench.delivery("order", workbench.orders[0].id))
        assert isinstance(verdict, Genuine)
        for topic in (verdict.topic, "no/such-topic", ""):
            try:
                news = webhooks.read(topic, body)
            except InvalidWebhook as invalid:
                said_well(str(invalid), workbench)
            else:
                assert news.ignored or news == News(), f"{topic}: {body[:20]!r} tells {news}"

    def test_a_store_that_is_set_up_needs_no_repair(self, adapter: Adapter) -> None:
        """What was put right stays so, and what isn't good says what to do."""
        list(adapter.repair())
        assert list(adapter.repair()) == []
        for finding in adapter.checkup():
            assert finding.state == "good" or finding.remedy, f"{finding.subject}: say what to do"
