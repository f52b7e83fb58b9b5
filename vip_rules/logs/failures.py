"""Failures as the log tells them: the class, our own places, and our own reasons; never a value that was at hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from traceback import walk_tb
from typing import Any, Final

from vip_rules.errors import VipRulesError

LONGEST: Final = 300
MOST_CAUSES: Final = 5
MOST_PLACES: Final = 12

# What a reason of ours may repeat of others: addresses, what stands in quotes, numbers of people and orders, and what a
# link or header carries. Long runs of letters and digits are keys.
_FOREIGN: Final = re.compile(
    r"""\S*@\S*                                # an address, or a URL with a user
    |(?<=://)\S*                               # where a link leads
    |"[^"]*("|$)|“[^”]*(”|$)|«[^»]*(»|$)       # quoted
    |(?<!\w)'.*?('(?!\w)|$)                    # quoted, unless it is an apostrophe
    |({|<|\[(?![a-z]+\])).*                   # data of some format, to the end; [store] is a section
    |\S*\d{5}\S*                               # a number that may be somebody's
    |[^\s,;:()]{33,}                           # a key
    """,
    re.VERBOSE | re.DOTALL,
)


def failure(error: Any) -> dict[str, Any] | None:
    """What is written of a failure: class, causes and places; of our own errors the reason. None for what is no failure."""
    if not isinstance(error, BaseException):
        return None
    found: dict[str, Any] = {"class": name_of(error)}
    if causes := [name_of(cause) for cause in _causes(error)]:
        found["caused_by"] = causes[:MOST_CAUSES]
    if isinstance(error, VipRulesError):
        found["reason"] = cleaned(str(error))
    else:
        found["places"] = list(_places(error))[-MOST_PLACES:]
    return found


def name_of(error: BaseException) -> str:
    """The class of a failure, with its module where it isn't Python's own."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return name if re.fullmatch(r"[A-Za-z_][\w.<>]{0,150}", name, re.ASCII) else "an exception"


def cleaned(text: str) -> str:
    """A text without what it may repeat of others.

    >>> cleaned('the store refused "amara" <a@shop.example>, order 5551234567: try again after 30 seconds')
    'the store refused … … order … try again after 30 seconds'
    >>> cleaned("the store doesn't answer: call the command again, and look at https://shop.example/admin?key=1")
    "the store doesn't answer: call the command again, and look at https://…"
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return _FOREIGN.sub("…", line)[:LONGEST]


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen = {id(error)}
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    while cause is not None and id(cause) not in seen:
        yield cause
        seen.add(id(cause))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _places(error: BaseException) -> Iterator[str]:
    """Where it went, through our own files and to where it was raised: no line of code, and no values."""
    frames = list(walk_tb(error.__traceback__))
    for n, (frame, line) in enumerate(frames, 1):
        parts = PurePath(frame.f_code.co_filename).parts
        ours = next((at for at, part in enumerate(parts) if part.startswith("vip_rules")), None)
        if ours is not None:
            yield f"{'/'.join(parts[ours:])}:{line}"
        elif n == len(frames):
            yield f"{'/'.join(parts[-2:])}:{line}"
