"""The adapter joins the parts, and says of settings that can't work which they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from vip_rules.adapter import KINDS
from vip_rules.errors import UsageError
from vip_rules.plugins import load_catalogue
from vip_rules.store import Shop
from vip_rules.webhooks import Genuine

from tests.shopping import Shopping, discount, shopping
from tests.woocommerce.server import KEY
from tests.workbench import WEBHOOK_SECRET, adapter_at, opening
from vip_rules_woocommerce.adapter import WooCommerceAdapter
from vip_rules_woocommerce.plugin import SETTINGS, open_shop
from vip_rules_woocommerce.reading import choices
from vip_rules_woocommerce.settings import Settings
from vip_rules_woocommerce.webhooks.topics import TOPICS

HTTPS = "https://shop.example"


@pytest.fixture
def work() -> Iterator[Shopping]:
    with shopping() as work:
        yield work


def test_it_is_registered_with_its_settings() -> None:
    adapter_type = load_catalogue().adapters["woocommerce"]
    assert adapter_type.settings.keys() >= {
        "url",
        "consumer_key",
        "consumer_secret",
        "webhook_secret",
        "ca_bundle",
    }
    assert adapter_type.settings.keys() >= choices.SETTINGS.keys()
    assert [name for name, setting in SETTINGS.items() if setting.secret] == [
        "consumer_key",
        "consumer_secret",
        "webhook_secret",
        "former_webhook_secret",
    ]


def test_its_settings_have_working_defaults() -> None:
    defaults = {name: setting.default for name, setting in SETTINGS.items() if not setting.required}
    keys = {"consumer_key": "ck_1", "consumer_secret": "cs_1"}
    opened = opening(HTTPS, **{**defaults, **keys})
    adapter = open_shop(opened)
    assert adapter.webhooks is None
    assert repr(adapter) == "WooCommerceAdapter('https://shop.example')"
    adapter.close()
    assert Settings.read(defaults) == Settings()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"url": "shop.example"}, "address of the shop"),
        ({"url": "ftp://shop.example"}, "address of the shop"),
        ({"url": "https://ck_of_the_tests:cs_of_the_tests@shop.example"}, "user name"),
        ({"consumer_key": ""}, "consumer key"),
        ({"consumer_key": KEY.consumer_secret, "consumer_secret": KEY.consumer_key}, "swapped"),
        ({"ca_bundle": Path("nowhere.pem")}, "ca_bundle"),
        ({"verify": "no"}, "verify"),
        ({"credit_days": 0}, "credit_days"),
        ({"credit_days": True}, "credit_days"),
        ({"credit_days": "30"}, "credit_days"),
        ({"webhook_secret": None}, "webhook_secret_env"),
        ({"webhook_secret": ""}, "webhook_secret_env"),
        ({"webhook_url": "vip.example"}, "webhook_url"),
        ({"webhook_url": "https://[vip"}, "webhook_url"),
        ({"link_guests": "yes"}, "link_guests"),
        ({"paid_statuses": 5}, "paid_statuses"),
    ],
)
def test_settings_that_cannot_work_are_named_without_secrets(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as invalid:
        adapter_at(settings.pop("url", HTTPS), **settings)
    text = str(invalid.value)
    assert text.startswith("[store] ")
    assert said in text
    for secret in (KEY.consumer_key, KEY.consumer_secret, WEBHOOK_SECRET):
        assert secret not in text
    assert invalid.value.__cause__ is None


def test_secrets_are_in_no_representation() -> None:
    adapter = adapter_at(HTTPS)
    texts = [repr(adapter), repr(vars(adapter)), repr(Settings.read(opening(HTTPS).settings))]
    adapter.close()
    for secret in (KEY.consumer_key, KEY.consumer_secret, WEBHOOK_SECRET):
        assert not [text for text in texts if secret in text]


def test_opening_asks_nothing(work: Shopping) -> None:
    adapter_at(work.shop.url).close()
    assert work.shop.calls == []


def test_what_it_can_do_is_said(work: Shopping) -> None:
    capabilities = work.adapter.capabilities
    assert capabilities.keys() == KINDS.keys() - {"segment", "message"}
    for kind in ("discount", "free_shipping", "store_credit"):
        assert capabilities[kind].needs == {"email"}
        assert capabilities[kind].each is (kind != "store_credit")
    assert all(capability.idempotent and capability.readable for capability in capabilities.values())


def test_the_shop_is_told(work: Shopping) -> None:
    assert work.adapter.shop() == Shop(currency="USD", timezone="America/New_York")


def test_deliveries_are_read_with_either_secret(work: Shopping) -> None:
    adapter = WooCommerceAdapter.open(opening(work.shop.url, former_webhook_secret="the former"))
    assert adapter.webhooks is not None
    for secret in (WEBHOOK_SECRET, "the former"):
        assert isinstance(adapter.webhooks.verify(work.shop.deliver("customer.updated", 1, secret)), Genuine)
    adapter.close()


def test_repairing_subscribes_and_mends_coupons(work: Shopping) -> None:
    put = work.done(discount())
    coupon = work.coupon(put.key)
    work.shop.coupons.put({**coupon, "id": coupon["id"] + 9})
    said = list(work.adapter.repair())
    assert len(said) == len(TOPICS) + 1
    assert said[-1] == "deleted a second coupon for discount:gold:1"
    assert list(work.adapter.repair()) == []


def test_without_webhooks_only_coupons_are_repaired() -> None:
    with shopping(webhook_url=None, webhook_secret=None) as work:
        assert work.adapter.webhooks is None
        assert list(work.adapter.repair()) == []
        assert work.shop.count("POST", "/webhooks") == 0


def test_a_checkup_says_what_is_good_and_what_to_do(work: Shopping) -> None:
    findings = list(work.adapter.checkup())
    assert {finding.subject for finding in findings} >= {"access", "writing", "webhooks"}
    assert all(finding.remedy for finding in findings if finding.state != "good")
