"""What a merchant put into a folder: the files of a store, or what a platform exports, recognised by name and header."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from vip_rules.adapter import Opening
from vip_rules.errors import InvalidInput
from vip_rules.files import shopify_export, woocommerce_export
from vip_rules.files.delimited import opened
from vip_rules.files.sheet import listed
from vip_rules.files.shopify_export import ShopifyExport
from vip_rules.files.source import Source
from vip_rules.files.tables import FORMATS
from vip_rules.files.woocommerce_export import WooCommerceExport

EXPECTED: Final = (
    "expected customers and orders, each as .csv, .jsonl or .parquet (customers.csv and orders.csv, say), if need be lines and "
    "events, or what Shopify or WooCommerce export as CSV"
)

Layout = tuple[str, str]
"""Whose export a file is, and what it holds."""

Files = tuple[Path, ...]

_NAMED: Final = re.compile(r"(customers|orders|lines|events)(?:[-_ ]?([0-9][0-9_-]*))?", re.IGNORECASE)
_ANALYTICS: Final = "WooCommerce Analytics"
_LAYOUTS: Final[Mapping[Layout, set[str]]] = {
    ("Shopify", "orders"): {"Name", "Financial Status", "Lineitem name"},
    ("Shopify", "customers"): {"First Name", "Last Name", "Email", "Total Spent", "Total Orders"},
    ("WooCommerce", "orders"): {"order_id", "order_total", "order_currency"},
    ("WooCommerce", "customers"): {"customer_id", "date_registered"},
    (_ANALYTICS, "orders"): {"Order #", "Net Sales"},
    (_ANALYTICS, "customers"): {"Username", "Sign Up", "AOV"},
}
"""The columns by which a platform's export is known."""


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


def find_export(folder: Path, opening: Opening) -> Export:
    """The export in a folder. Raises InvalidInput where it isn't whole, or where files contradict each other."""
    named: dict[str, list[Path]] = {}
    exported: dict[Layout, list[Path]] = {}
    unread: list[Path] = []
    for path in _tables(folder):
        if layout := _layout(path):
            exported.setdefault(layout, []).append(path)
        elif name := _NAMED.fullmatch(_stem(path)):
            named.setdefault(name[1].lower(), []).append(path)
        else:
            unread.append(path)
    sources = {kind: Source(_parts(kind, paths)) for kind, paths in named.items()}
    if not exported:
        export = _plain(folder, sources)
    else:
        platform, files = _one_platform(
            folder, exported, [path for kind in named if kind != "events" for path in named[kind]]
        )
        make = _of_shopify if platform == "Shopify" else _of_woocommerce
        export = make(files["customers"], files["orders"], sources.get("events"), opening)
    if unread:
        note = f"{listed([path.name for path in unread])} in {folder} left unread."
        return replace(export, notes=(*export.notes, note))
    return export


def _plain(folder: Path, sources: Mapping[str, Source]) -> Export:
    missing = [kind for kind in ("customers", "orders") if kind not in sources]
    if missing:
        raise InvalidInput(f"{folder} has no {' and no '.join(missing)}: {EXPECTED}")
    return Export(sources["customers"], sources["orders"], sources.get("lines"), sources.get("events"))


def _of_shopify(customers: Files, orders: Files, events: Source | None, opening: Opening) -> Export:
    columns = _header(customers[0])
    birthday = next((name for name in columns if name.endswith(shopify_export.BIRTH_DATE)), None)
    export = ShopifyExport(customers, orders, opening, birthday)
    return Export(export.customers, export.orders, export.lines, events, shopify_export.NOTES)


def _of_woocommerce(customers: Files, orders: Files, events: Source | None, opening: Opening) -> Export:
    items = all(woocommerce_export.ITEM in _header(path) for path in orders)
    export = WooCommerceExport(customers, orders, items)
    notes = woocommerce_export.NOTES if items else woocommerce_export.NOTES + woocommerce_export.WITHOUT_ITEMS
    return Export(export.customers, export.orders, export.lines, events, notes)


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


def _layout(path: Path) -> Layout | None:
    """The platform's layout that a file's header says; None if it is none."""
    is_csv = path.name.lower().endswith((".csv", ".csv.gz")) and path.is_file()
    columns = set(_header(path) if is_csv else ())
    return next((layout for layout, marks in _LAYOUTS.items() if marks <= columns), None)


def _header(path: Path) -> list[str]:
    """The names of a CSV file's columns; none where they can't be read, which is for its reader to tell."""
    try:
        with opened(path, None) as lines:
            return next(csv.reader(iter(lines)), [])
    except (InvalidInput, OSError, csv.Error):
        return []


def _one_platform(
    folder: Path, exported: Mapping[Layout, list[Path]], beside: list[Path]
) -> tuple[str, dict[str, Files]]:
    """The platform that all exports are of, and its files of customers and orders.

    Raises InvalidInput for several platforms, for other files beside its export, for half of it, and for Analytics.
    """
    for (platform, kind), paths in exported.items():
        if platform == _ANALYTICS:
            raise InvalidInput(
                f"{paths[0]} is a report of {platform}, which doesn't tell which customer an order is of: export the {kind} "
                "with WooCommerce's extension Customer/Order/Coupon Export, or use the adapter woocommerce"
            )
    if beside or len({platform for platform, _ in exported}) > 1:
        firsts = [f"{paths[0].name} ({platform})" for (platform, _), paths in exported.items()]
        raise InvalidInput(
            f"{listed([*firsts, *(path.name for path in beside)])} lie beside each other in {folder}: "
            "keep the files of one store in it"
        )
    (platform, kind), paths = next(iter(exported.items()))
    if len(exported) == 1:
        other = "orders" if kind == "customers" else "customers"
        raise InvalidInput(
            f"{paths[0]} is an export of {platform}'s {kind}, but {folder} has none of its {other}: export them too"
        )
    return platform, {kind: tuple(paths) for (_, kind), paths in exported.items()}


def _parts(kind: str, paths: Sequence[Path]) -> Files:
    """The files of a table: one, or several with numbers. Raises InvalidInput where two may be the same."""
    numbers = {found[2] for path in paths if (found := _NAMED.fullmatch(_stem(path)))}
    if len(paths) > 1 and (None in numbers or len(numbers) < len(paths)):
        raise InvalidInput(
            f"{listed([path.name for path in paths])} in {paths[0].parent} may each be the {kind}: keep one, or number the "
            f"parts of it ({kind}-1.csv, {kind}-2.csv)"
        )
    return tuple(paths)
