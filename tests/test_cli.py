"""The command line as its users call it: files in, standings out, and an answer in words for whatever is wrong."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from vip_rules.cli.main import COMMANDS, main

SHOP = Path(__file__).parent / "shop"
EVALUATE = (
    "evaluate",
    str(SHOP / "program.json"),
    "--customers",
    str(SHOP / "customers.csv"),
    "--orders",
    str(SHOP / "orders.csv"),
    "--as-of",
    "2026-11-20",
)


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as done:
        main([str(argument) for argument in arguments])
    return int(done.value.code or 0)


def records(text: str) -> dict[str, dict[str, object]]:
    return {record["customer_id"]: record for record in map(json.loads, text.splitlines())}


def test_help_imports_nothing_heavy() -> None:
    script = "import sys; from vip_rules.cli.main import main\ntry: main(['--help'])\nfinally: print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "evaluate" in done.stdout
    for heavy in ("polars", "narwhals", "jsonschema", "iso4217", "zoneinfo"):
        assert f"'{heavy}'" not in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(name, "--help") == 0
    assert name in capsys.readouterr().out


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("evalute") == 2
    assert "evalute" in capsys.readouterr().err


def test_everybody_gets_a_record(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*EVALUATE) == 0
    out, err = capsys.readouterr()
    found = records(out)
    assert list(found) == ["ann", "bob", "cem", "dee"]
    # The order of 20 November 2025 no longer counts; that of the 21st does: 320 + (240 - 40).
    assert found["ann"]["tier"] == "gold"
    assert found["ann"]["metrics"]["spend[12 months]"] == "520.00"  # type: ignore[index]
    assert (found["bob"]["tier"], found["bob"]["status"], found["bob"]["next_tier"]) == (
        "silver",
        "member",
        "gold",
    )
    assert (found["cem"]["tier"], found["cem"]["status"]) == (None, "none")
    assert found["bob"]["reasons"][1] == {  # type: ignore[index]
        "tier": "silver",
        "condition": "/conditions/regular/all/0",
        "metric": "orders[12 months]",
        "figure": 3,
        "at_least": 3,
        "held": True,
    }
    until = {"by": "2027-09-24"}
    assert found["bob"]["progress"] == [
        {"metric": "spend[12 months]", "figure": "60.00", "at_least": "500.00", "gap": "440.00"} | until,
        {"metric": "average_order_value[12 months]", "figure": "20.00", "at_least": "50.00", "gap": "30.00"}
        | until,
    ]
    assert "1 order of guests" in err
    assert "Gold" in err


def test_every_format_says_the_same(tmp_path: Path) -> None:
    for ending in ("jsonl", "csv", "parquet"):
        assert run(*EVALUATE, "--out", tmp_path / f"out.{ending}") == 0
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for line, row, held in zip(
        lines, rows, pl.read_parquet(tmp_path / "out.parquet").to_dicts(), strict=True
    ):
        for name in ("customer_id", "tier", "qualified_tier", "status", "next_tier"):
            assert line[name] == (row[name] or None) == held[name]
        for name in ("metrics", "reasons", "progress"):
            assert line[name] == json.loads(row[name]) == json.loads(held[name])


def test_brief_records_leave_reasons_and_progress_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*EVALUATE, "--brief") == 0
    bob = records(capsys.readouterr().out)["bob"]
    assert list(bob) == ["customer_id", "tier", "qualified_tier", "status", "metrics", "next_tier"]


def test_engines_agree_to_the_byte(tmp_path: Path) -> None:
    for engine in ("polars", "duckdb"):
        assert run(*EVALUATE, "--engine", engine, "--out", tmp_path / f"{engine}.jsonl") == 0
    assert (tmp_path / "polars.jsonl").read_bytes() == (tmp_path / "duckdb.jsonl").read_bytes()


def test_the_order_of_rows_makes_no_difference(tmp_path: Path) -> None:
    head, *rows = (SHOP / "orders.csv").read_text().splitlines()
    turned = tmp_path / "orders.csv"
    turned.write_text("\n".join([head, *reversed(rows)]) + "\n")
    assert run(*EVALUATE, "--out", tmp_path / "one.jsonl") == 0
    assert run(*EVALUATE, "--orders", turned, "--out", tmp_path / "other.jsonl") == 0
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "other.jsonl").read_bytes()


def test_a_missing_engine_says_what_to_install(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*EVALUATE, "--engine", "pyspark") == 1
    assert "not installed" in capsys.readouterr().err


def test_one_customer_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*EVALUATE, "--customer", "bob") == 0
    assert (
        capsys.readouterr().out
        == """\
Customer bob as of 20 November 2026: Silver (silver)

✗ Gold (gold)
  ✗ all of
    ✗ spend in the last 12 months: 60.00 USD (at least 500.00 USD)
    ✗ not
      ✓ average order value in the last 12 months: 20.00 USD (less than 50.00 USD)

✓ Silver (silver)
  ✓ any of
    ✗ spend in the last 12 months: 60.00 USD (at least 200.00 USD)
    ✓ "regular"
      ✓ all of
        ✓ orders in the last 12 months: 3 (at least 3)
        ✓ days since the last order: 1 day (at most 60 days)

To reach Gold:
  - spend in the last 12 months: at least 500.00 USD needed, 60.00 USD now; 440.00 USD more, by 24 September 2027
  - average order value in the last 12 months: at least 50.00 USD needed, 20.00 USD now; 30.00 USD more, by 24 September 2027

Benefits of Silver:
  - 10 % discount
  - free standard shipping
"""
    )


def test_one_customer_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*EVALUATE, "--customer", "dee", "--json") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["as_of"] == "2026-11-20"
    gold = record["tiers"][1]["qualify"]["all"]
    assert gold[1]["held"] is None  # without an order the average is unknown, and so is its `not`
    assert gold[1]["not"]["figure"] is None


def test_an_unknown_customer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*EVALUATE, "--customer", "zoe") == 1
    assert "'zoe' is not among the 4 customers" in capsys.readouterr().err


def test_the_summary_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*EVALUATE, "--out", tmp_path / "out.csv", "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["customers"] == 4
    assert summary["tiers"][0] == {"tier": "gold", "customers": 1, "spend": "520.00"}


def test_bad_rows_stop_everything_or_are_skipped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text((SHOP / "orders.csv").read_text() + '1010,ann,11/21/2025,"1,234.00",,,,paid,online\n')
    out = tmp_path / "out.jsonl"
    assert run(*EVALUATE, "--orders", orders, "--out", out, "--rejected", tmp_path / "rejected.jsonl") == 1
    assert f"{orders}:11: " in capsys.readouterr().err
    assert not out.exists()
    assert json.loads((tmp_path / "rejected.jsonl").read_text())["line"] == 11
    assert run(*EVALUATE, "--orders", orders, "--out", out, "--on-bad-rows", "skip") == 0
    assert "1 row rejected" in capsys.readouterr().err
    assert len(out.read_text().splitlines()) == 4


def test_a_metric_without_its_column_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = json.loads((SHOP / "program.json").read_text())
    program["tiers"][0]["qualify"] = {
        "any": [
            {"metric": "discounted_share", "at_least": 10},
            {"metric": "orders", "where": {"category": "shoes"}, "at_least": 1},
        ]
    }
    path = tmp_path / "program.json"
    path.write_text(json.dumps(program))
    assert run("evaluate", path, *EVALUATE[2:]) == 1
    message = capsys.readouterr().err
    assert "the column discount of the orders, for discounted share so far" in message
    assert (
        "the column category of the lines, for orders so far (category shoes): give --lines FILE" in message
    )


@pytest.mark.parametrize(
    ("option", "value", "code", "said"),
    [
        ("--as-of", "20.11.2026", 2, "expected a day such as 2026-06-30"),
        ("--as-of", "2026-02-30", 2, "there is no such day"),
        ("--as-of", "0001-01-01", 2, "outside the years 1900 to 2199"),
        ("--as-of", "9999-12-31", 2, "outside the years 1900 to 2199"),
        ("--rejected", "rejected.csv", 2, "expected a name that ends in .jsonl"),
        ("--out", "standings.xlsx", 2, "expected a name that ends in"),
        ("--orders", "nowhere.csv", 1, "nowhere.csv"),
        ("--out", "no/such/folder/out.csv", 2, "there is no folder no/such/folder"),
    ],
)
def test_a_slip_gets_a_sentence(
    option: str, value: str, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*EVALUATE, option, value) == code
    message = capsys.readouterr().err
    assert said in message
    assert "Traceback" not in message


def test_validate_tells_all_problems_of_all_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.json"
    program = json.loads((SHOP / "program.json").read_text())
    program["curency"] = program.pop("currency")
    program["tiers"][0]["qualify"]["any"][0]["at_leest"] = 5
    bad.write_text(json.dumps(program))
    assert run("validate", bad, SHOP / "program.json") == 1
    out = capsys.readouterr().out
    assert '"currency"' in out
    assert "/tiers/0/qualify/any/0" in out
    assert "at_least" in out
    assert f"{SHOP / 'program.json'}: valid (2 tiers" in out
    assert run("validate", "--json", bad) == 1
    (checked,) = json.loads(capsys.readouterr().out)
    assert checked["valid"] is False
    assert {"pointer", "message", "kind"} == set(checked["problems"][0])


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("schema") == 0
    assert json.loads(capsys.readouterr().out)["$schema"].endswith("2020-12/schema")


def test_a_file_of_cases_is_no_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = tmp_path / "shop.cases.json"
    cases.write_text("[]")
    assert run("evaluate", cases, *EVALUATE[2:]) == 1
    assert "shop.json" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--out", "--rejected"])
def test_nothing_that_is_read_is_overwritten(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = tmp_path / "orders.jsonl"
    orders.write_text('{"order_id": "1", "customer_id": "ann", "placed_at": "2026-01-01", "total": 5}\n')
    before = orders.read_bytes()
    assert run(*EVALUATE, "--orders", orders, option, orders) == 2
    assert "is the orders to read" in capsys.readouterr().err
    assert orders.read_bytes() == before
    both = tmp_path / "both.jsonl"
    assert run(*EVALUATE, "--out", both, "--rejected", both) == 2
    assert not both.exists()


def test_a_folder_is_no_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "out.csv"
    folder.mkdir()
    assert run(*EVALUATE, "--out", folder) == 2
    assert "is a folder" in capsys.readouterr().err


def test_an_output_that_is_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link.JSONL").symlink_to(tmp_path / "real.jsonl")
    assert run(*EVALUATE, "--out", tmp_path / "link.JSONL") == 0
    assert (tmp_path / "link.JSONL").is_symlink()
    assert len((tmp_path / "real.jsonl").read_text().splitlines()) == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.JSONL", "real.jsonl"]


def test_a_formula_is_harmless_in_csv(tmp_path: Path) -> None:
    customers, orders = tmp_path / "customers.csv", tmp_path / "orders.csv"
    customers.write_text(
        'customer_id,created_at\n"=HYPERLINK(""x"")",2025-01-01\n@SUM(1),2025-01-01\nann,2025-01-01\n'
    )
    orders.write_text("order_id,customer_id,placed_at,total\n")
    out = tmp_path / "out.csv"
    assert run(*EVALUATE, "--customers", customers, "--orders", orders, "--out", out) == 0
    with out.open(newline="") as file:
        assert [row["customer_id"] for row in csv.DictReader(file)] == [
            '\'=HYPERLINK("x")',
            "'@SUM(1)",
            "ann",
        ]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2062-11-20", "the last order is of 2026-11-19, long before --as-of 2062-11-20"),
        ("2020-01-01", "no order counts: the first is of 2025-11-20, after --as-of 2020-01-01"),
    ],
)
def test_a_day_far_from_all_orders_is_noticed(
    day: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*EVALUATE, "--as-of", day) == 0
    assert said in capsys.readouterr().err


def test_many_bad_rows_are_told_by_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    orders = tmp_path / "orders.csv"
    rows = "".join(f"{n},ann,2026-01-01,1.2345\n" for n in range(30))
    orders.write_text(f"order_id,customer_id,placed_at,total\n{rows}")
    assert run(*EVALUATE, "--orders", orders) == 1
    message = capsys.readouterr().err
    assert f"{orders}: 30 rows: total has more decimals than USD has (2), such as line 2" in message
    assert "--rejected FILE" in message
    assert run(*EVALUATE, "--orders", orders, "--rejected", tmp_path / "all.jsonl") == 1
    assert len((tmp_path / "all.jsonl").read_text().splitlines()) == 30


def test_bad_exchange_rates_are_told_with_their_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rates = tmp_path / "rates.csv"
    rates.write_text("day,from,to,rate\n2026-01-01,EUR,USD,one\n")
    assert run(*EVALUATE, "--rates", rates) == 1
    assert f"{rates}:2: " in capsys.readouterr().err


def test_damage_found_late_is_said_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    orders = tmp_path / "orders.parquet"
    count = 20_000
    columns = {
        "order_id": [str(n) for n in range(count)],
        "customer_id": ["ann"] * count,
        "placed_at": ["2026-01-01"] * count,
        "total": [str(n) for n in range(count)],
    }
    pl.DataFrame(columns).write_parquet(orders)
    content = bytearray(orders.read_bytes())
    for n in range(40):
        content[len(content) // 2 + n] ^= 0x5A
    orders.write_bytes(content)
    assert run(*EVALUATE, "--orders", orders) == 1
    assert f"error: {orders}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "orders.csv",
            "order_id,customer_id,placed_at,total\n1,ann,2026-06-30T23:59:60Z,5\n",
            "doesn't exist",
        ),
        ("orders.csv", "order_id,customer_id,placed_at,total\n1,ann,2026-1-5,5\n", "2025-11-21 or"),
        (
            "orders.jsonl",
            '{"order_id": "1", "customer_id": "ann", "placed_at": "2026-01-01", "total": [5]}\n',
            "total holds an object or a list",
        ),
    ],
)
def test_a_row_that_cannot_be_is_told_with_its_line(
    name: str, content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = tmp_path / name
    orders.write_text(content)
    assert run(*EVALUATE, "--orders", orders) == 1
    message = capsys.readouterr().err
    assert f"{orders}:" in message
    assert said in message
