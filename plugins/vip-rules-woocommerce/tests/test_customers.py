"""Accounts become customers; of their personal data nothing is told but what is wanted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vip_rules.store import StoreCustomer

from tests.readers import everything, reading
from tests.recordings import load
from tests.woocommerce.server import FakeWooCommerce
from vip_rules_woocommerce.reading.birthdays import birthday
from vip_rules_woocommerce.reading.choices import Choices, InvalidChoice
from vip_rules_woocommerce.reading.customers import customer, fields, remarks, twins
from vip_rules_woocommerce.reading.fields import Unusable

ALL = frozenset({"birthday", "email", "language"})
CHOICES = Choices(birthday_meta="born", language_meta="speaks", tags_meta="groups")
ROW: dict[str, Any] = {
    "id": 8,
    "date_created_gmt": "2026-03-08T07:30:00",
    "date_modified_gmt": None,
    "email": "Ada@Example.test",
    "meta_data": [
        {"id": 1, "key": "born", "value": "1990-05-03"},
        {"id": 2, "key": "speaks", "value": "de_AT"},
        {"id": 3, "key": "groups", "value": "press, b2b,,press"},
        {"id": 4, "key": "born", "value": "a twin"},
    ],
}


def test_an_account_is_told_with_what_is_wanted() -> None:
    assert customer(ROW, ALL, CHOICES) == StoreCustomer(
        id="8",
        created_at=datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
        tags=("press", "b2b"),
        birthday=date(1990, 5, 3),
        email="ada@example.test",
        language="de-AT",
    )


def test_nothing_personal_is_told_unless_it_is_wanted() -> None:
    told = customer(ROW, frozenset(), CHOICES)
    assert (told.birthday, told.email, told.language) == (None, None, None)
    assert "meta_data" not in fields(frozenset(), Choices())
    assert "billing" not in fields(ALL, Choices())


def test_a_recorded_account_is_read() -> None:
    told = customer(load("customer-get")["body"], ALL, Choices())
    assert told.email == "customer007@example.test"
    assert told.updated_at == datetime(2026, 11, 21, 22, 24, 26, tzinfo=UTC)


def test_an_account_without_a_date_is_set_aside() -> None:
    with pytest.raises(Unusable, match="date_created_gmt is missing"):
        customer({**ROW, "date_created_gmt": None}, ALL, CHOICES)
    with pytest.raises(Unusable, match="2026-02-30"):
        customer({**ROW, "date_created_gmt": "2026-02-30T00:00:00"}, ALL, CHOICES)


def test_an_email_that_was_blanked_is_none() -> None:
    assert customer({**ROW, "email": ""}, ALL, CHOICES).email is None


@pytest.mark.parametrize(
    ("held", "born"),
    [
        ("1990-05-03", date(1990, 5, 3)),
        ("19900503", date(1990, 5, 3)),
        ("1990-05-03 00:00:00", date(1990, 5, 3)),
        ("05-03", date(1904, 5, 3)),
        ("--05-03", date(1904, 5, 3)),
        ("--02-29", date(1904, 2, 29)),
        ("1990-02-30", None),
        ("03/05/1990", None),
        ("0000-00-00", None),
        ("2999-01-01", None),
        ("", None),
        (19900503, None),
        (None, None),
    ],
)
def test_birthdays_are_read_as_extensions_write_them(held: object, born: date | None) -> None:
    assert birthday(held) == born


def test_a_birthday_that_cannot_be_read_is_said_without_saying_it() -> None:
    row = {**ROW, "meta_data": [{"key": "born", "value": "03/05/1990"}]}
    (note,) = remarks(row, ALL, CHOICES)
    assert "Customer 8" in note
    assert "1990-" not in note.replace("1985-05-03", "")
    assert "03/05" not in note
    assert not list(remarks(row, frozenset(), CHOICES))


def test_twins_of_one_address_are_named_without_it() -> None:
    (note,) = twins(
        [ROW, {**ROW, "id": 9, "email": "ada@example.test"}, {**ROW, "id": 10, "email": "bob@example.test"}]
    )
    assert "Customers 8 and 9" in note
    assert "@" not in note
    assert not list(twins([{**ROW, "email": ""}, {**ROW, "id": 9, "email": ""}]))


def test_people_of_every_role_are_customers() -> None:
    with FakeWooCommerce() as shop, reading(shop) as reader:
        shop.put_customer(
            StoreCustomer(id="1", created_at=datetime(2026, 1, 1, tzinfo=UTC), email="a@example.com")
        )
        shop.customers.change(1, role="administrator")
        assert list(everything(reader).customers) == ["1"]


@given(
    st.dictionaries(
        st.sampled_from([*ROW]), st.none() | st.integers() | st.text(max_size=9) | st.lists(st.none())
    )
)
def test_whatever_an_account_holds_it_is_read_or_set_aside(changes: dict[str, Any]) -> None:
    row = {**ROW, **changes, "id": 8}
    try:
        assert customer(row, ALL, CHOICES).id == "8"
    except Unusable:
        return


# What was chosen


def test_choices_are_read_from_settings() -> None:
    chosen = Choices.of({"paid_statuses": ["wc-shipped"], "gift_card_meta": "_card", "birthday_meta": None})
    assert chosen.paid_statuses == {"shipped"}
    assert chosen.gift_card_meta == ("_card",)
    assert Choices.of({}) == Choices()


@pytest.mark.parametrize(
    "settings",
    [{"link_guests": "yes"}, {"paid_statuses": [1]}, {"birthday_meta": " "}, {"gift_card_types": {"a": 1}}],
)
def test_choices_that_cannot_work_are_named(settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidChoice, match=next(iter(settings))):
        Choices.of(settings)
