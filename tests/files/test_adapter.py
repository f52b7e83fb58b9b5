from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from tests.files.adapting import customers, notes, opened, orders, told
from tests.files.store import Store
from vip_rules.adapter import Intent
from vip_rules.errors import InvalidInput, UsageError
from vip_rules.localdays import local_day, zone
from vip_rules.model import OrderLine
from vip_rules.plugins import load_catalogue
from vip_rules.rates import Rate, Rates
from vip_rules.store import Shop

ORDERS = (
    "order_id,customer_id,placed_at,total,tax,shipping,refunded,currency,status,channel,discount,test\n"
    "O1,C1,2025-11-21T03:00:00Z,100.00,8,5.5,20,USD,partially_refunded,pos,3,\n"
    "O2,,2025-11-21,20,,,,,,,,\n"
    "O3,C2,2025-11-21,20,,,,,,,,yes\n"
)
LINES = "order_id,sku,quantity,amount,gift_card\nO3,A,1,5,\nO1,B,2,30,\nO1,C,1,50,true\n"


def test_the_adapter_is_registered_as_a_plugin_is() -> None:
    kind = load_catalogue().adapters["files"]
    assert {name: setting.required for name, setting in kind.settings.items()} == {
        "folder": True,
        "out": False,
        "on_bad_rows": False,
    }


def test_the_shop_is_the_programs(store: Store) -> None:
    assert opened(store.folder).shop() == Shop(currency="USD", timezone="America/New_York")


def test_what_files_say_is_told_on_local_days(store: Store) -> None:
    store.write("orders.csv", ORDERS)
    store.write("lines.csv", LINES)
    store.write("events.csv", "customer_id,type,at\nC1,review,2025-11-21T03:00:00Z\n")
    pages = told(opened(store.folder))
    found = orders(pages)
    assert list(found) == ["O1", "O3"]
    one = found["O1"]
    assert (one.customer_id, str(one.placed_at), one.channel, one.status) == (
        "C1",
        "2025-11-20",
        "pos",
        "partially_refunded",
    )
    assert (one.total, one.tax, one.shipping, one.refunded, one.discount) == (10000, 800, 550, 2000, 300)
    assert one.lines == (
        OrderLine(sku="B", quantity=2, amount=3000),
        OrderLine(sku="C", amount=5000, gift_card=True),
    )
    assert (found["O3"].test, found["O3"].refunded, found["O3"].discount) == (True, None, 0)
    assert [(event.type, str(event.at)) for page in pages for event in page.events] == [
        ("review", "2025-11-20")
    ]
    assert "1 order of guests" in notes(pages)


def test_customers_are_told_with_what_is_wanted_of_them(store: Store) -> None:
    store.write(
        "customers.csv",
        "customer_id,created_at,joined_at,tags,birthday,email,language\n"
        'C1,2020-01-01,2021-02-03,"press,friend",02-29,ann@example.org,de\n'
        "C2,2021-01-01,,,,,\n",
    )
    adapter = opened(store.folder)
    one = customers(told(adapter, "birthday", "language"))["C1"]
    assert (str(one.created_at), str(one.joined_at), one.tags) == (
        "2020-01-01",
        "2021-02-03",
        ("friend", "press"),
    )
    assert (str(one.birthday), one.email, one.language) == ("1904-02-29", None, "de")
    two = customers(told(adapter, "birthday", "email", "language"))["C2"]
    assert (two.joined_at, two.tags, two.birthday, two.email, two.language) == (None, (), None, None, None)


@pytest.mark.parametrize("wrong", ["3/5/1985", "1985-13-01", "13-01", "1985-02-29", "--2-3", "0085-01-01"])
def test_a_birthday_is_looked_at_only_where_it_is_wanted(store: Store, wrong: str) -> None:
    store.write("customers.csv", f"customer_id,created_at,birthday\nC1,2020-01-01,{wrong}\nC2,2020-01-01,\n")
    adapter = opened(store.folder)
    assert len(customers(told(adapter))) == 2
    with pytest.raises(InvalidInput, match=r"customers\.csv:2: birthday .* isn't a birthday: 1985-05-03"):
        told(adapter, "birthday")


def test_birthdays_of_parquet_are_dates(store: Store) -> None:
    (store.folder / "customers.csv").unlink()
    frame = pl.DataFrame(
        {"customer_id": ["C1", "C2"], "created_at": ["2020-01-01"] * 2, "birthday": ["1985-05-03", None]}
    )
    store.write("customers.parquet", frame.with_columns(pl.col("birthday").str.to_date()))
    found = customers(told(opened(store.folder), "birthday"))
    assert (str(found["C1"].birthday), found["C2"].birthday) == ("1985-05-03", None)


def test_files_that_are_the_same_tell_nothing_again(store: Store) -> None:
    adapter = opened(store.folder)
    cursor = told(adapter)[-1].cursor
    assert cursor is not None
    (page,) = told(adapter, cursor=cursor, full=False)
    assert (page.cursor, page.customers, page.orders) == (cursor, (), ())
    assert len(orders(told(adapter, cursor=cursor, full=True))) == 2
    assert [each.cursor for each in told(adapter)[:-1]] == [None, None]


def test_whatever_changes_what_is_read_is_told(store: Store) -> None:
    cursor = told(opened(store.folder))[-1].cursor
    assert len(told(opened(store.folder), "email", cursor=cursor, full=False)) == 3
    assert len(told(opened(store.folder, timezone="UTC"), cursor=cursor, full=False)) == 3
    rates = Rates([Rate(0, "CAD", "USD", Decimal(1))])
    assert len(told(opened(store.folder, rates=rates), cursor=cursor, full=False)) == 3
    store.write("orders.csv", (store.folder / "orders.csv").read_text().replace("100.00", "100.01"))
    assert len(told(opened(store.folder), cursor=cursor, full=False)) == 3


def test_amounts_of_other_currencies_come_converted(store: Store) -> None:
    store.write("orders.csv", "order_id,customer_id,placed_at,total,currency\nO1,C1,2025-11-21,100.00,EUR\n")
    day = local_day("2025-01-01", zone("UTC"))
    rates = Rates([Rate(day, "EUR", "USD", Decimal("1.25"))])
    found = orders(told(opened(store.folder, rates=rates)))["O1"]
    assert (found.total, found.currency) == (12500, "USD")


def test_a_bad_row_stops_everything_with_its_line_and_reason(store: Store) -> None:
    store.write(
        "orders.csv", "order_id,customer_id,placed_at,total\nO1,C1,2025-11-21,x\nO2,C1,2025-11-21,1\n"
    )
    with pytest.raises(InvalidInput) as refused:
        next(opened(store.folder).pages(None, full=True, wanted=frozenset()))
    message = str(refused.value)
    assert message.startswith(f"1 row of {store.folder} can't be used and nothing was loaded")
    assert "orders.csv:2: total 'x' isn't a plain decimal" in message
    assert 'on_bad_rows = "skip"' in message


def test_of_many_bad_rows_some_are_told(store: Store) -> None:
    rows = "".join(f"O{n},C1,2025-11-21,x\n" for n in range(30))
    store.write("orders.csv", f"order_id,customer_id,placed_at,total\n{rows}")
    with pytest.raises(InvalidInput, match=r"(?s)^30 rows.*orders\.csv:21: .*\nand 10 more$"):
        told(opened(store.folder))


def test_bad_rows_are_left_out_on_wish_and_said(store: Store) -> None:
    store.write(
        "orders.csv", "order_id,customer_id,placed_at,total\nO1,C1,2025-11-21,x\nO2,C1,2025-11-21,1\n"
    )
    pages = told(opened(store.folder, on_bad_rows="skip"))
    assert list(orders(pages)) == ["O2"]
    assert "orders.csv:2: total isn't a plain decimal" in notes(pages)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_many_orders_are_told_page_by_page_with_their_lines(
    store: Store, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vip_rules.files.telling.PAGE_ROWS", 7)
    monkeypatch.setattr("vip_rules.files.telling.BUCKET_ORDERS", 20)
    ids = [f"O{n}" for n in range(100)]
    orders_frame = pl.DataFrame(
        {"order_id": ids, "customer_id": ["C1"] * 100, "placed_at": ["2025-11-21"] * 100, "total": range(100)}
    )
    lines_frame = pl.DataFrame(
        {"order_id": ids * 2, "sku": ["A"] * 100 + ["B"] * 100, "amount": [0, *range(1, 200)]}
    )
    (store.folder / "orders.csv").unlink()
    for name, frame in (("orders", orders_frame), ("lines", lines_frame)):
        path = store.folder / f"{name}.{kind}"
        frame.write_parquet(path) if kind == "parquet" else frame.write_csv(path)
    pages = told(opened(store.folder))
    assert max(len(page.orders) for page in pages) == 7
    found = orders(pages)
    assert sum(len(page.orders) for page in pages) == len(found) == 100
    assert {n: found[f"O{n}"].total for n in range(100)} == {n: 100 * n for n in range(100)}
    assert [(each.sku, each.amount) for each in found["O5"].lines] == [("A", 500), ("B", 10500)]


def test_a_damaged_file_is_told_in_words(store: Store) -> None:
    (store.folder / "orders.csv").unlink()
    (store.folder / "orders.parquet").write_bytes(b"PAR1 broken PAR1")
    with pytest.raises(InvalidInput, match=r"orders\.parquet can't be read as Parquet"):
        told(opened(store.folder))


def test_effects_arent_written_among_the_files_that_are_read(store: Store) -> None:
    with pytest.raises(InvalidInput, match="name another folder as out"):
        opened(store.folder, out=store.folder)


def test_a_setting_that_cant_be_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match=r"on_bad_rows is 'ignore'; expected \"stop\" or \"skip\""):
        opened(store.folder, on_bad_rows="ignore")


def test_effects_are_written_beside_the_folder_unless_said_otherwise(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    opened(folder).carry_out([Intent(key="message:1", kind="message", payload={})])
    opened(folder, out=tmp_path / "todo").carry_out([Intent(key="message:1", kind="message", payload={})])
    assert (tmp_path / "out" / "message.jsonl").is_file()
    assert (tmp_path / "todo" / "message.jsonl").is_file()
