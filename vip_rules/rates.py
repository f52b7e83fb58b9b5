"""A dated table of exchange rates, and the exact conversion of money by it."""

from __future__ import annotations

import csv
import re
import stat
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path

from vip_rules.errors import InvalidInput, Rejection
from vip_rules.localdays import InvalidTime, day_date, local_day, zone
from vip_rules.model import Currency, currency_codes

HEADER = ("day", "from", "to", "rate")
_RATE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,12})?")
_BARE_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Rate:
    """From a local day on, one unit of `source` is worth `rate` units of `target` (ISO 4217 codes, major units)."""

    day: int
    source: str
    target: str
    rate: Decimal


class Rates:
    """Exchange rates by day. A pair of currencies has the rate that was given for it, never an inverse or a crossing."""

    def __init__(self, rates: Iterable[Rate] = ()) -> None:
        self._changes: dict[tuple[str, str], list[tuple[int, Decimal]]] = {}
        for rate in sorted(rates, key=lambda rate: rate.day):
            self._changes.setdefault((rate.source, rate.target), []).append((rate.day, rate.rate))

    @classmethod
    def read(cls, path: Path) -> Rates:
        """The rates of a CSV file `day, from, to, rate`. Raises InvalidInput with everything that is wrong in it."""
        return cls(_read(path))

    def changes(self, source: str, target: str) -> list[tuple[int, Decimal]]:
        """The days from which a new rate holds for a pair, with the rate, in the order of days."""
        return list(self._changes.get((source, target), ()))

    def rate(self, source: str, target: str, day: int) -> Decimal | None:
        """The latest rate not after a local day; None if there is none."""
        changes = self._changes.get((source, target), [])
        at = bisect_right(changes, day, key=lambda change: change[0])
        return changes[at - 1][1] if at else None

    def convert(self, amount: int, source: Currency, target: Currency, day: int) -> int | None:
        """Minor units of one currency as minor units of another, exact and then rounded half to even; None without a rate."""
        rate = self.rate(source.code, target.code, day)
        if rate is None:
            return None
        numerator, denominator = minor_ratio(rate, source, target)
        quotient, rest = divmod(amount * numerator, denominator)
        return quotient + (2 * rest > denominator or (2 * rest == denominator and quotient % 2 == 1))


def minor_ratio(rate: Decimal, source: Currency, target: Currency) -> tuple[int, int]:
    """A rate of major units as an exact ratio of minor units: 0.0067 from JPY to USD is 0.67 cents for a yen, 67 / 100."""
    numerator, denominator = rate.as_integer_ratio()
    shift = target.exponent - source.exponent
    return numerator * 10 ** max(shift, 0), denominator * 10 ** max(-shift, 0)


def _read(path: Path) -> list[Rate]:
    reader = csv.reader(_text(path).splitlines(keepends=True), strict=True)
    rates: dict[tuple[int, str, str], tuple[Rate, int]] = {}
    rejections: list[Rejection] = []
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            rejections.append(Rejection(str(path), line, f"the row can't be read as CSV: {error}"))
            continue
        if not cells:
            continue
        if header is None:
            header = cells
            if sorted(header) != sorted(HEADER):
                raise InvalidInput(
                    f"{path}:{line}: the columns are {', '.join(header)[:300]}; exactly {', '.join(HEADER)} are expected"
                )
            continue
        parsed = (
            _rate(dict(zip(header, cells, strict=False)))
            if len(cells) == len(header)
            else "four fields are expected"
        )
        if isinstance(parsed, str):
            rejections.append(Rejection(str(path), line, parsed))
            continue
        first, at = rates.setdefault((parsed.day, parsed.source, parsed.target), (parsed, line))
        if first != parsed:
            reason = f"another rate from {parsed.source} to {parsed.target} for {day_date(parsed.day)} is on line {at}"
            rejections.append(Rejection(str(path), line, reason))
    if header is None:
        raise InvalidInput(f"{path} is empty; a header line with {', '.join(HEADER)} is expected")
    if rejections:
        count = f"{len(rejections)} row{'s' if len(rejections) > 1 else ''}"
        raise InvalidInput(f"{path}: {count} can't be used as exchange rates", rejections)
    return [rate for rate, _ in rates.values()]


def _text(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
            raise InvalidInput(f"{path} is {kind}; expected a CSV file")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InvalidInput(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{path} isn't UTF-8 text; save it as CSV in UTF-8") from None


def _rate(row: dict[str, str]) -> Rate | str:
    """The rate of a row, or what is wrong with it."""
    for code in (row["from"], row["to"]):
        if code not in currency_codes():
            near = get_close_matches(code[:40].upper(), currency_codes(), n=1)
            return f"{code[:40]!r} is not a currency code of ISO 4217" + (
                f"; did you mean {near[0]}?" if near else ""
            )
    if row["from"] == row["to"]:
        return f"a rate from {row['from']} to itself has no use"
    if not _RATE.fullmatch(row["rate"]) or not Decimal(row["rate"]):
        return (
            f"the rate {row['rate'][:40]!r} isn't a decimal above 0 such as 1.0842 "
            "(up to 9 digits before the point and 12 after it)"
        )
    if not _BARE_DATE.fullmatch(row["day"]):
        return f"the day {row['day'][:40]!r} isn't a date such as 2025-11-21"
    try:
        return Rate(local_day(row["day"], zone("UTC")), row["from"], row["to"], Decimal(row["rate"]))
    except InvalidTime as error:
        return str(error)
