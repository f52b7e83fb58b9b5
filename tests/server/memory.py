"""The store in memory as an adapter that configurations can name, also in other processes: a plugin, put where it is found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from vip_rules.adapter import Adapter, AdapterType, Opening, Setting
from vip_rules.hookspecs import hookimpl
from vip_rules.testing import MemoryAdapter, MemoryStore, connect
from vip_rules.testing.webhooks import MemoryWebhooks

SHOP: Final = "atelier"
SECRET: Final = "what signs webhooks"
OLD_SECRET: Final = "what signed them before"

PROGRAM: Final = """{
  "format": 1, "program": "atelier", "currency": "USD", "timezone": "America/New_York",
  "tiers": [{"id": "gold", "name": "Gold", "qualify": {"metric": "spend", "window": "12 months", "at_least": 500}}]
}"""


@hookimpl
def vip_rules_adapters() -> Iterable[AdapterType]:
    address = Setting(description="Where the store is served; without one it is empty.")
    secrets = Setting(description="The secrets of the webhooks, a line each.", required=True, secret=True)
    yield AdapterType(
        name="memory",
        title="a store in memory",
        open=_open,
        settings={"address": address, "secrets": secrets},
    )


def _open(opening: Opening) -> Adapter:
    address = opening.settings.get("address")
    adapter = MemoryAdapter(connect(address) if address else MemoryStore())
    adapter.webhooks = MemoryWebhooks(SHOP, opening.settings["secrets"].split("\n"))
    return adapter


def install(folder: Path) -> None:
    """Make the plugin installed wherever a folder is on the path."""
    about = folder / "memory_store-1.0.dist-info"
    about.mkdir()
    about.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: memory-store\nVersion: 1.0\n")
    about.joinpath("entry_points.txt").write_text("[vip_rules]\nmemory = tests.server.memory\n")


def write_project(
    folder: Path, database: str, *, name: str = SHOP, address: str | None = None, more: Sequence[str] = ()
) -> Path:
    """A project in a folder whose store is in memory: its configuration."""
    folder.joinpath("program.json").write_text(PROGRAM)
    folder.joinpath("secrets").write_text(f"{SECRET}\n{OLD_SECRET}")
    config = folder / "vip-rules.toml"
    lines = [
        'program = "program.json"',
        f'database = "{database}"',
        "[store]",
        'adapter = "memory"',
        f'shop = "{name}"',
        'secrets_file = "secrets"',
        *([] if address is None else [f'address = "{address}"']),
        *more,
    ]
    config.write_text("\n".join(lines) + "\n")
    return config
