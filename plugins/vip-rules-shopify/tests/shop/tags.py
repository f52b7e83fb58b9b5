"""Tags: added and removed one by one, compared without case; a comma makes several of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tests.shop.metafields import Owner, owner
from tests.shop.projection import Arguments, Payload, refused
from tests.shop.state import Customer, State

MOST: Final = 250
LONGEST: Final = 255


def add_tags(state: State, arguments: Arguments) -> Payload:
    """Tags beside those that are there."""
    holder = owner(state, arguments["id"])
    if holder is None:
        return _nobody()
    given = _split(arguments["tags"])
    if any(len(tag) > LONGEST for tag in given):
        return refused(f"Tags can't be longer than {LONGEST} characters", None, ["tags"])
    present = {tag.casefold() for tag in holder.tags}
    added = [tag for tag in given if tag.casefold() not in present]
    if len(present) + len(added) > MOST:
        return refused(f"Too many tags: the limit is {MOST}", None, ["tags"])
    if added:
        holder.tags += added
        state.touched(holder)
    return _done(state, holder)


def remove_tags(state: State, arguments: Arguments) -> Payload:
    """Tags that aren't there are no error."""
    holder = owner(state, arguments["id"])
    if holder is None:
        return _nobody()
    gone = {tag.casefold() for tag in _split(arguments["tags"])}
    kept = [tag for tag in holder.tags if tag.casefold() not in gone]
    if kept != holder.tags:
        holder.tags[:] = kept
        state.touched(holder)
    return _done(state, holder)


def overwrite(state: State, holder: Owner, tags: Iterable[str]) -> None:
    """All of the tags, as customerUpdate and orderUpdate set them."""
    holder.tags[:] = _split(tags)
    state.touched(holder)


def _split(given: str | Iterable[str]) -> list[str]:
    texts = [given] if isinstance(given, str) else given
    tags = [tag.strip() for text in texts for tag in text.split(",")]
    return list({tag.casefold(): tag for tag in reversed(tags) if tag}.values())[::-1]


def _nobody() -> Payload:
    return refused("Record does not exist", None, ["id"])


def _done(state: State, holder: Owner) -> Payload:
    from tests.shop.nodes import view  # a node may be anything, and anything may have tags

    return Payload({"node": view(state, "Customer" if isinstance(holder, Customer) else "Order", holder)})
