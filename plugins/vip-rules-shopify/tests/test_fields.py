"""Fields: values that are told as they were put, whatever form Shopify keeps them in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vip_rules.adapter import Confirmed, Found, Intent, Missing
from vip_rules.testing.examples import example

from tests.workbench import ShopifyWorkbench
from vip_rules_shopify.effects import fields
from vip_rules_shopify.effects.fields import Field

WHOLE = {
    "tier": "gold",
    "tier_name": "Gold VIP",
    "status": "member",
    "since": "2026-03-01",
    "secured_until": None,
    "grace_until": None,
    "benefits": ["15 % discount", "Früher Zugang, “zuerst”"],
    "next_tier": "platinum",
    "next_tier_name": "Platinum VIP",
    "progress": [{"metric": "spend", "needed": "spend: 500", "missing": "$180.00", "by": None}],
}
TOP = {**WHOLE, "next_tier": None, "next_tier_name": None, "progress": [], "benefits": []}
LANDING = {**TOP, "tier": None, "tier_name": None, "status": "landing", "since": None}
OURS = "app--1--vip"


def customer(values: dict[str, Any], *tags: str) -> Intent:
    return Intent(
        key="customer:1",
        kind="customer",
        payload={"tags": list(tags or ("vip-gold",)), "fields": values},
        customer_id="1",
    )


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ShopifyWorkbench]:
    bench = ShopifyWorkbench(tmp_path)
    bench.fill(bench.customers, (), ())
    yield bench
    bench.close()


def held(bench: ShopifyWorkbench) -> dict[str, tuple[str, str]]:
    metafields = bench.shop.customers[1].metafields
    return {key: (field.type, field.value) for (space, key), field in metafields.items() if space == OURS}


@pytest.mark.parametrize("values", [WHOLE, TOP, LANDING], ids=["whole", "top", "landing"])
@pytest.mark.parametrize("before", [None, WHOLE, TOP, LANDING], ids=["new", "whole", "top", "landing"])
def test_fields_are_told_as_they_were_put(
    bench: ShopifyWorkbench, before: dict[str, Any] | None, values: dict[str, Any]
) -> None:
    adapter = bench.adapter()
    known = None if before is None else customer(before)
    if known is not None:
        adapter.carry_out([known])
    intent = replace(customer(values), known=known.payload if known else None)
    assert isinstance(adapter.carry_out([intent])[0], Confirmed)
    (sight,) = adapter.look([intent])
    assert isinstance(sight, Found)
    assert sight.payload == intent.payload


def test_fields_have_types_that_themes_can_use(bench: ShopifyWorkbench) -> None:
    bench.adapter().carry_out([customer(WHOLE)])
    types = {key: type_ for key, (type_, _) in held(bench).items()}
    assert types == {
        "tier": "single_line_text_field",
        "tier_name": "single_line_text_field",
        "status": "single_line_text_field",
        "since": "date",
        "benefits": "list.single_line_text_field",
        "next_tier": "single_line_text_field",
        "next_tier_name": "single_line_text_field",
        "progress": "json",
    }


def test_what_has_no_value_any_more_is_deleted(bench: ShopifyWorkbench) -> None:
    adapter = bench.adapter()
    adapter.carry_out([customer(WHOLE)])
    adapter.carry_out([customer(LANDING)])
    assert set(held(bench)) == {"status"}


def test_only_what_has_changed_is_written(bench: ShopifyWorkbench) -> None:
    adapter = bench.adapter()
    adapter.carry_out([customer(WHOLE)])
    bench.shop.calls.clear()
    adapter.carry_out([customer({**WHOLE, "status": "secured", "secured_until": "2027-02-28"})])
    (call,) = (call for call in bench.shop.calls if call.mutation)
    assert sorted(field["key"] for field in call.variables["fields"]) == ["secured_until", "status"]
    assert call.fields == ("tagsAdd", "metafieldsSet", "metafieldsDelete")
    assert (call.variables["adds"], call.variables["deletes"]) == (False, False)


def test_json_in_another_order_is_the_same() -> None:
    present = {"progress": Field("json", '[ {"by":null, "metric":"spend"} ]')}
    assert fields.changed(present, {"progress": [{"metric": "spend", "by": None}]}) == {}


def test_a_field_that_people_changed_is_told_as_it_is(bench: ShopifyWorkbench) -> None:
    adapter = bench.adapter()
    adapter.carry_out([customer(WHOLE)])
    bench.shop.customers[1].metafields[OURS, "tier_name"].value = "Emperor"
    del bench.shop.customers[1].metafields[OURS, "since"]
    (sight,) = adapter.look([replace(customer(WHOLE), known=customer(WHOLE).payload)])
    assert isinstance(sight, Found)
    assert sight.payload["fields"]["tier_name"] == "Emperor"
    assert "since" not in sight.payload["fields"]


def test_a_field_that_cannot_be_read_is_told_as_text_and_written_anew() -> None:
    broken = Field("json", "[broken")
    assert broken.value == "[broken"
    assert set(fields.changed({"progress": broken}, {"progress": [{"by": None}]})) == {"progress"}


def test_what_is_known_is_told_in_its_own_form(bench: ShopifyWorkbench) -> None:
    adapter = bench.adapter()
    shorter = {key: value for key, value in WHOLE.items() if key != "grace_until"}
    adapter.carry_out([customer(shorter)])
    (sight,) = adapter.look([replace(customer(TOP), known=customer(shorter).payload)])
    assert isinstance(sight, Found)
    assert sight.payload == customer(shorter).payload


def test_tags_and_entitlements_are_removed_each_for_itself(bench: ShopifyWorkbench) -> None:
    adapter = bench.adapter()
    delivered = example("entitlements", "1")
    adapter.carry_out([customer(WHOLE), delivered])
    adapter.carry_out([replace(customer(WHOLE), action="remove", known=customer(WHOLE).payload)])
    assert set(held(bench)) == {"entitlements"}
    assert adapter.look([customer(WHOLE)]) == [Missing()]
    assert isinstance(adapter.look([delivered])[0], Found)
    adapter.carry_out([replace(delivered, action="remove", known=delivered.payload)])
    assert held(bench) == {}


@given(
    st.dictionaries(
        st.sampled_from(sorted(WHOLE)),
        st.none() | st.text(st.characters(codec="utf-8"), max_size=8) | st.lists(st.text(max_size=4)),
    )
)
def test_every_value_is_read_as_it_was_written(values: dict[str, Any]) -> None:
    written = fields.changed({}, values)
    read = {key: field.value for key, field in written.items()}
    for key, value in values.items():
        if isinstance(value, list) and key not in ("benefits", "progress"):
            continue  # fields of text hold texts
        assert read.get(key) == (value or None)
