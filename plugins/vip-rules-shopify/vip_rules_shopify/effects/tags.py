"""Which tags of a customer are ours. Shopify compares tags without regard to case, and keeps how they were first written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

PREFIX: Final = "vip-"
"""What our tags begin with, in exactly these letters: VIP-Friends is somebody else's."""


def missing(present: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """The wanted tags that aren't there."""
    there = {tag.casefold() for tag in present}
    return [tag for tag in wanted if tag.casefold() not in there]


def outdated(present: Iterable[str], wanted: Iterable[str], known: Iterable[str]) -> list[str]:
    """The tags of ours that are there and aren't wanted: those with our prefix, and those known to be of us."""
    kept, ours = {tag.casefold() for tag in wanted}, {tag.casefold() for tag in known}
    return [tag for tag in present if tag.casefold() not in kept and _is_ours(tag, ours)]


def told(present: Iterable[str], asked: Sequence[str]) -> list[str]:
    """The tags of ours that are there, written as they were asked for."""
    written = {tag.casefold(): tag for tag in asked}
    return [written.get(tag.casefold(), tag) for tag in present if _is_ours(tag, written.keys())]


def _is_ours(tag: str, ours: Iterable[str]) -> bool:
    return tag.startswith(PREFIX) or tag.casefold() in ours
