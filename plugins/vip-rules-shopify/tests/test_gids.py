"""Ids in their two ways of writing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_rules_shopify.gids import LARGEST, InvalidId, gid, number


@given(st.integers(1, LARGEST))
def test_a_number_survives_both_ways(value: int) -> None:
    assert number(gid("Order", str(value)), "Order") == str(value)


@pytest.mark.parametrize(
    "written", ["", "0", "-1", "007", "1.0", "+1", " 1", "1\n", "٣", "1_000", "ada", str(2**63), "9" * 5_000]
)
def test_what_is_no_number_has_no_global_id(written: str) -> None:
    with pytest.raises(InvalidId):
        gid("Order", written)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "1",
        "gid://shopify/Order/",
        "gid://shopify/Order/1?x=1",
        "gid://shopify/Order/1/2",
        "gid://shopify//1",
        "gid://other/Order/1",
        "gid://shopify/Order/1\n",
        f"gid://shopify/Order/{2**63}",
        "gid://shopify/Order/" + "9" * 5_000,
    ],
)
def test_what_is_no_global_id_has_no_number(written: str) -> None:
    with pytest.raises(InvalidId) as raised:
        number(written)
    assert len(str(raised.value)) < 200


def test_a_global_id_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidId, match="Customer"):
        number("gid://shopify/Order/1", "Customer")
