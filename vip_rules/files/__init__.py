"""A store's exported files, read strictly: every row is used, set aside with a count, or rejected with a line and a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vip_rules.files.damage import reading_of
    from vip_rules.files.export import OnBadRows, read_history
    from vip_rules.files.reading import FileReading, IgnoredColumn, Reading, RejectedRows, SetAside
    from vip_rules.files.reasons import ReasonCount

__all__ = [
    "FileReading",
    "IgnoredColumn",
    "OnBadRows",
    "Reading",
    "ReasonCount",
    "RejectedRows",
    "SetAside",
    "read_history",
    "reading_of",
]


def __getattr__(name: str) -> Any:
    # The plugin beside is loaded with every command, and must not bring the dataframe engine along.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from vip_rules.files import damage, export, reading, reasons

    return next(
        getattr(module, name) for module in (damage, export, reading, reasons) if hasattr(module, name)
    )
