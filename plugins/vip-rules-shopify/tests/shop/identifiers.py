"""Shopify's ids: a number of a type, written as a GID."""

from __future__ import annotations

from collections.abc import Collection


def gid(typename: str, number: int | str) -> str:
    """The GID of a number."""
    return f"gid://shopify/{typename}/{number}"


def number(text: object, *typenames: str) -> int | None:
    """The number of a GID of one of some types; None for anything else."""
    typename, numeral = split(text)
    return int(numeral) if numeral.isdecimal() and typename in _known(typenames, typename) else None


def split(text: object) -> tuple[str, str]:
    """A GID's type and number, both empty for what isn't one."""
    parts = str(text).split("/")
    return (parts[3], parts[4]) if len(parts) == 5 and parts[:3] == ["gid:", "", "shopify"] else ("", "")


def _known(typenames: Collection[str], typename: str) -> Collection[str]:
    return typenames or {typename}
