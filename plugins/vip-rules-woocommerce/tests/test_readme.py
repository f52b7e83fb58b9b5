"""The README names every setting, and the keys that are really written."""

from __future__ import annotations

import re
from pathlib import Path

from vip_rules.adapter import Intent

from tests.shopping import credit, discount, shipping, shopping
from tests.workbench import meta
from vip_rules_woocommerce.plugin import SETTINGS

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def test_every_setting_is_explained() -> None:
    table = README.partition("## Settings")[2]
    named = {name.removesuffix("_env") for name in re.findall(r"`([a-z_]+)`", table)}
    assert named >= SETTINGS.keys()


def test_every_key_that_shops_are_told_of_is_written_and_no_other() -> None:
    told = set(re.findall(r"`(vip_rules_[a-z_]+?)(?:_TIER|_2026)?`", README)) - {"vip_rules_key"}
    names = [name.removeprefix("vip_rules_") for name in told if not name.startswith("vip_rules_coupon_")]
    fields = {name: "x" for name in names if name not in ("tags", "no_cart_reminders", "entitlements")}
    payload = {"tags": ["vip-gold", "vip-no-cart-reminders"], "fields": fields}
    listed = {"tier": "gold", "entitlements": []}
    with shopping() as work:
        for intent in (
            Intent(key="customer:1", kind="customer", payload=payload, customer_id="1"),
            Intent(key="entitlements:1", kind="entitlements", payload=listed, customer_id="1"),
            discount(),
            shipping(),
            credit(),
            Intent(key="promotion:gold:1", kind="store_credit", payload=credit().payload, customer_id="1"),
        ):
            work.done(intent)
        written = {key for key in meta(work.shop.customers[1]) if key.startswith("vip_rules_")}
    assert {re.sub(r"(_gold|_2026)$", "", key) for key in written} == told
