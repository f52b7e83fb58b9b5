"""A store's export, read as a whole: customers, orders, lines and events that fit together, or nothing."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

from vip_rules.files import customers as customer_file
from vip_rules.files import events as event_file
from vip_rules.files import lines as line_file
from vip_rules.files import orders as order_file
from vip_rules.files.columns import Setting
from vip_rules.files.damage import reading_of
from vip_rules.files.identity import Referred, follow, reject_repeats
from vip_rules.files.reading import Reading, RejectedRows
from vip_rules.files.sheet import LINE, listed
from vip_rules.files.sifting import Sifted, sift
from vip_rules.files.source import Source
from vip_rules.files.tables import Progress
from vip_rules.history import History
from vip_rules.model import Currency
from vip_rules.rates import Rates

OnBadRows = Literal["stop", "skip"]


def read_history(
    *,
    customers: Path | Source,
    orders: Path | Source,
    lines: Path | Source | None = None,
    events: Path | Source | None = None,
    currency: Currency,
    zone: ZoneInfo,
    rates: Rates | None = None,
    on_bad_rows: OnBadRows = "stop",
    progress: Progress | None = None,
    wanted: Collection[str] = (),
) -> tuple[History, Reading]:
    """The history in a store's files as lazy Polars frames, and an account of what was read.

    CSV, JSON Lines (both also gzipped) and Parquet, by the files' names. `wanted` are columns with personal data (birthday,
    email, language): the frame of customers then has those, and the others are left unread.

    Raises InvalidInput for a file that can't be used as a whole and, unless bad rows are to be skipped, RejectedRows for
    any rejected row. Parquet is read again by whatever collects the frames: do that within reading_of().
    """
    setting = Setting(currency, zone)
    customers, orders = Source.of(customers), Source.of(orders)
    with reading_of(*customers.paths):
        buyers = sift(customers, customer_file.sheet(wanted), "customer_id", setting, progress)
        reject_repeats(buyers, "customer_id", "customer")
    known = Referred(
        buyers.file,
        "customer",
        buyers.rows,
        pl.LazyFrame(schema={"customer_id": pl.String}),
        buyers.spoiled.lazy(),
    )
    with reading_of(*customers.paths, *orders.paths):
        bought = sift(orders, order_file.SHEET, "order_id", setting, progress)
        reject_repeats(bought, "order_id", "order")
        guests = follow(bought, "customer_id", known)
        bought.leave(guests)
        aside, set_aside = order_file.exchange(bought, setting, rates or Rates())
        order_rows = bought.finished(order_file.canonical(bought))

    files = [buyers, bought]
    line_rows = event_rows = None
    lines_left = 0
    if lines is not None:
        lines = Source.of(lines)
        left = pl.concat([guests.select(LINE, "order_id"), aside])
        with reading_of(*customers.paths, *orders.paths, *lines.paths):
            items = _read_lines(lines, bought, left, setting, progress)
            line_rows = items.finished(line_file.canonical(items, order_rows))
        lines_left = items.left
        files.append(items)
    if events is not None:
        events = Source.of(events)
        with reading_of(*customers.paths, *events.paths):
            happened = sift(events, event_file.SHEET, None, setting, progress)
            follow(happened, "customer_id", known)
            event_rows = happened.finished(event_file.canonical(happened.rows))
        files.append(happened)
    reading = Reading(
        tuple(file.reading() for file in files),
        tuple(sorted(rejection for file in files for rejection in file.rejects.rejections())),
        guests.height,
        set_aside,
        lines_left,
    )
    if on_bad_rows == "stop" and reading.rejected:
        raise _refusal(reading)
    with reading_of(*customers.paths):
        customer_rows = buyers.finished(customer_file.canonical(buyers.rows, wanted))
    return History(customer_rows, order_rows, line_rows, event_rows), reading


def _read_lines(
    source: Source, orders: Sifted, left: pl.DataFrame, setting: Setting, progress: Progress | None
) -> Sifted:
    ratios = order_file.ratios(orders)
    lines = sift(source, line_file.sheet(currency_known=ratios is None), None, setting, progress)
    follow(lines, "order_id", order_file.referred(orders, left))
    if ratios is not None:
        line_file.exchange(lines, ratios, setting)
    return lines


def _refusal(reading: Reading) -> RejectedRows:
    where = listed([f"{file.rejected:,} in {file.file}" for file in reading.files if file.rejected])
    rows = "1 row" if reading.rejected == 1 else f"{reading.rejected:,} rows"
    return RejectedRows(
        f"{rows} can't be used ({where}) and nothing was loaded: mend the files, or leave such rows out (--on-bad-rows skip)",
        reading,
    )
