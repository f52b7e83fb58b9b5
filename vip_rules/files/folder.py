"""What a merchant put into a folder: the files of a store, or what a platform exports, recognised by name and header."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from vip_rules.errors import InvalidInput
from vip_rules.files import shopify_export, woocommerce_export
from vip_rules.files.delimited import opened
from vip_rules.files.sheet import listed
from vip_rules.files.shopify_export import ShopifyExport
from vip_rules.files.source import Source
from vip_rules.files.tables import FORMATS
from vip_rules.files.woocommerce_export import WooCommerceExport
from vip_rules.model import Currency

EXPECTED: Final = (
    "expected customers and orders, each as .csv, .jsonl or .parquet (customers.csv and orders.csv, say), if need be lines and "
    "events, or what Shopify or WooCommerce export as CSV"
)

_NAMED: Final = re.compile(r"(customers|orders|lines|events)(?:[-_ ]?([0-9][0-9_-]*))?", re.IGNORECASE)
_ANALYTICS: Final = "WooCommerce Analytics"
_LAYOUTS: Final = {
    ("Shopify", "orders"): {"Name", "Financial Status", "Lineitem name"},
    ("Shopify", "customers"): {"First Name", "Last Name", "Email", "Total Spent", "Total Orders"},
    ("WooCommerce", "orders"): {"order_id", "order_total", "order_currency"},
    ("WooCommerce", "customers"): {"customer_id", "date_registered"},
    (_ANALYTICS, "orders"): {"Order #", "Net Sales"},
    (_ANALYTICS, "customers"): {"Username", "Sign Up", "AOV"},
}
"""The columns by which a platform's export is known: whose it is, and what it holds."""


@dataclass(frozen=True, slots=True)
class Export:
    """The tables of a store that a folder holds, with what is to be said about them."""

    customers: Source
    orders: Source
    lines: Source | None = None
    events: Source | None = None
    notes: tuple[str, ...] = ()

    @property
    def paths(self) -> list[Path]:
        """All files that are read, each once."""
        sources = (self.customers, self.orders, self.lines, self.events)
        return list(dict.fromkeys(path for source in sources if source for path in source.paths))


def find_export(folder: Path, currency: Currency, zone: ZoneInfo, clock: Callable[[], datetime]) -> Export:
    """The export in a folder. Raises InvalidInput where it isn't whole, or where files contradict each other."""
    named: dict[str, list[Path]] = {}
    exported: dict[tuple[str, str], list[Path]] = {}
    unread: list[Path] = []
    for path in _tables(folder):
        if layout := _layout(path):
            exported.setdefault(layout, []).append(path)
        elif name := _NAMED.fullmatch(_stem(path)):
            named.setdefault(name[1].lower(), []).append(path)
        else:
            unread.append(path)
    events = _source("events", named.pop("events", []))
    notes = [f"{listed([path.name for path in unread])} in {folder} left unread."] if unread else []
    if not exported:
        missing = [kind for kind in ("customers", "orders") if kind not in named]
        if missing:
            raise InvalidInput(f"{folder} has no {' and no '.join(missing)}: {EXPECTED}")
        customers, orders = (Source(_parts(kind, named[kind])) for kind in ("customers", "orders"))
        return Export(customers, orders, _source("lines", named.get("lines", [])), events, tuple(notes))
    platform = _one_platform(exported, named)
    files = {kind: tuple(exported.get((platform, kind), ())) for kind in ("customers", "orders")}
    for kind, other in (("customers", "orders"), ("orders", "customers")):
        if not files[kind]:
            raise InvalidInput(
                f"{files[other][0]} is an export of {platform}'s {other}, but {folder} has none of its {kind}: export them too"
            )
    if platform == "Shopify":
        return _of_shopify(files, currency, zone, clock, events, notes)
    return _of_woocommerce(files, events, notes)


def _of_shopify(
    files: dict[str, tuple[Path, ...]],
    currency: Currency,
    zone: ZoneInfo,
    clock: Callable[[], datetime],
    events: Source | None,
    notes: Sequence[str],
) -> Export:
    columns = _header(files["customers"][0])
    birthday = next((name for name in columns if name.endswith(shopify_export.BIRTH_DATE)), None)
    export = ShopifyExport(files["customers"], files["orders"], zone, currency, clock, birthday)
    return Export(export.customers, export.orders, export.lines, events, (*notes, *shopify_export.NOTES))


def _of_woocommerce(
    files: dict[str, tuple[Path, ...]], events: Source | None, notes: Sequence[str]
) -> Export:
    items = all(woocommerce_export.ITEM in _header(path) for path in files["orders"])
    export = WooCommerceExport(files["customers"], files["orders"], items)
    said = woocommerce_export.NOTES if items else woocommerce_export.NOTES + woocommerce_export.WITHOUT_ITEMS
    return Export(export.customers, export.orders, export.lines, events, (*notes, *said))


def _tables(folder: Path) -> list[Path]:
    """The files in the folder that can be tables, in the order of their names and numbers."""
    try:
        paths = [path for path in folder.iterdir() if path.name.lower().endswith(FORMATS)]
    except OSError as error:
        raise InvalidInput(f"{folder} can't be read ({error.strerror}): {EXPECTED} in it") from None
    inside = folder.resolve()
    for path in paths:
        if path.is_symlink() and not path.resolve().is_relative_to(inside):
            raise InvalidInput(f"{path} is a link to a file outside of {folder}: put the file itself there")
    return sorted((path for path in paths if not path.name.startswith(".")), key=_by_number)


def _by_number(path: Path) -> list[tuple[int, str]]:
    pieces = re.findall(r"([0-9]+)|([^0-9]+)", path.name.lower())
    return [(int(number or 0), text) for number, text in pieces]


def _stem(path: Path) -> str:
    suffix = next(suffix for suffix in FORMATS if path.name.lower().endswith(suffix))
    return path.name[: -len(suffix)]


def _layout(path: Path) -> tuple[str, str] | None:
    """Whose export a file is and of what, as its header says; None if it is none."""
    columns = set(_header(path)) if path.name.lower().endswith((".csv", ".csv.gz")) else set[str]()
    return next((layout for layout, marks in _LAYOUTS.items() if marks <= columns), None)


def _header(path: Path) -> list[str]:
    """The names of a CSV file's columns; none where they can't be read, which is for its reader to tell."""
    try:
        with opened(path, None) as lines:
            return next(csv.reader(iter(lines)), [])
    except (InvalidInput, OSError, csv.Error):
        return []


def _one_platform(exported: dict[tuple[str, str], list[Path]], named: dict[str, list[Path]]) -> str:
    """The platform that all exports are of. Raises InvalidInput for several, for other files beside it, and for Analytics."""
    for (platform, kind), paths in exported.items():
        if platform == _ANALYTICS:
            raise InvalidInput(
                f"{paths[0]} is a report of {platform}, which doesn't tell which customer an order is of: export the {kind} "
                "with WooCommerce's extension Customer/Order/Coupon Export, or use the adapter woocommerce"
            )
    platforms = sorted({platform for platform, _ in exported})
    firsts = [f"{paths[0].name} ({platform})" for (platform, _), paths in exported.items()]
    beside = [path.name for paths in named.values() for path in paths]
    if len(platforms) > 1 or beside:
        raise InvalidInput(
            f"{listed([*firsts, *beside])} lie beside each other in {next(iter(exported.values()))[0].parent}: "
            "keep the files of one store in it"
        )
    return platforms[0]


def _source(kind: str, paths: Sequence[Path]) -> Source | None:
    return Source(_parts(kind, paths)) if paths else None


def _parts(kind: str, paths: Iterable[Path]) -> tuple[Path, ...]:
    """The files of a table: one, or several with numbers. Raises InvalidInput where two may be the same."""
    paths = tuple(paths)
    numbers = {(_NAMED.fullmatch(_stem(path)) or [None] * 3)[2] for path in paths}
    if len(paths) > 1 and (None in numbers or len(numbers) < len(paths)):
        raise InvalidInput(
            f"{listed([path.name for path in paths])} in {paths[0].parent} may each be the {kind}: keep one, or number the "
            f"parts of it ({kind}-1.csv, {kind}-2.csv)"
        )
    return paths
