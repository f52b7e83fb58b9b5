"""The files adapter, registered as any plugin registers one. It is loaded with every command, so it imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vip_rules.adapter import AdapterType, Opening, Setting
from vip_rules.errors import UsageError
from vip_rules.hookspecs import hookimpl

if TYPE_CHECKING:
    from vip_rules.files.adapter import FilesAdapter


@hookimpl
def vip_rules_adapters() -> Iterable[AdapterType]:
    """The adapter for stores that are known by their exported files."""
    return [
        AdapterType(
            name="files",
            title="Exported files (CSV, JSON Lines, Parquet)",
            open=open_files,
            settings={
                "folder": Setting(
                    description="The folder with customers, orders and, if need be, lines and events, as .csv, .jsonl or "
                    ".parquet; or with what Shopify or WooCommerce export.",
                    required=True,
                    path=True,
                ),
                "out": Setting(
                    description="The folder to write effects to, a file for each kind.",
                    path=True,
                    default="out",
                ),
                "on_bad_rows": Setting(
                    description='Rows that can\'t be used: "stop" refuses them all, "skip" leaves them out.',
                    default="stop",
                ),
            },
        )
    ]


def open_files(opening: Opening) -> FilesAdapter:
    """The adapter of a folder. Raises a VipRulesError for settings that can't work."""
    from vip_rules.files.adapter import FilesAdapter

    settings = opening.settings
    on_bad_rows: Any = settings.get("on_bad_rows") or "stop"
    if on_bad_rows not in ("stop", "skip"):
        raise UsageError(f'on_bad_rows is {on_bad_rows!r}; expected "stop" or "skip"')
    folder = Path(settings["folder"])
    return FilesAdapter(opening, folder, folder.parent.joinpath(settings.get("out") or "out"), on_bad_rows)
