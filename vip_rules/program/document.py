"""Reading a JSON document that anybody may have written: bounded, exact, and with every fault of its text at once."""

from __future__ import annotations

import json
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from vip_rules.errors import InvalidDocument, Problem
from vip_rules.program.places import escaped
from vip_rules.program.syntax import begins_deeper, parsed, syntax_error

LARGEST_FILE: Final = 1_000_000
"""In bytes; a program is some kilobytes."""

DEEPEST: Final = 32
"""Lists and objects inside each other. Everything that walks a document by recursion stays far from Python's own limit."""

TOO_DEEP: Final = (
    f"lists and objects are nested more than {DEEPEST} deep here; give inner conditions a name in "
    '"conditions" and refer to it'
)

LONGEST_LIST: Final = 1_000
"""Items of a list, or keys of an object; no list that the schemas allow is longer."""

LONGEST_NUMBER: Final = 40
LARGEST_EXPONENT: Final = 30
CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document: its file (as the caller named it), its value, and what is wrong with its text.

    Numbers are int, or Decimal where they have decimals: 100.0 is the int 100. Never float.
    """

    file: str
    value: Any
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Unusable:
    """Stands where the text has a number that can't be used; `message` says why."""

    message: str


class Repetitive(dict[str, Any]):
    """An object that has keys more than once; the last value of each is kept."""

    repeated: tuple[str, ...] = ()


def read_document(path: str | os.PathLike[str]) -> Document:
    """The JSON document in a file. Raises InvalidDocument where there is none that could be looked at any further."""
    file = os.fspath(path)
    text = _decoded(file, _content(file))
    if deep := begins_deeper(text, DEEPEST):
        raise syntax_error(file, text, deep, TOO_DEEP)
    value = parsed(
        file,
        text,
        parse_int=_whole,
        parse_float=_decimal,
        parse_constant=lambda name: Unusable(f"{name} is not a number of JSON; expected digits"),
        object_pairs_hook=_object,
    )
    return examined(value, file)


def examined(value: Any, file: str) -> Document:
    """An already parsed JSON document with what is wrong in it: floats, control characters, keys that stand twice.

    Raises InvalidDocument for a value that JSON doesn't have, and for what is nested too deep or too long.
    """
    return Document(file, value, tuple(_faults(value, file)))


def _content(file: str) -> bytes:
    path = Path(file)

    def refused(message: str) -> InvalidDocument:
        return InvalidDocument([Problem(file, "", message)])

    try:
        if path.is_symlink():
            target, folder = path.resolve(), path.parent.resolve()
            if not target.is_relative_to(folder):
                raise refused(
                    f"is a symbolic link that leads out of its folder, to {target}; put the file itself here"
                )
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise refused("is a folder; expected a JSON file")
        if not stat.S_ISREG(found.st_mode):
            raise refused("is not a regular file; expected a JSON file")
        if found.st_size > LARGEST_FILE:
            raise refused(
                f"has {found.st_size:,} bytes; a JSON file of at most {LARGEST_FILE:,} bytes is read"
            )
        with path.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        named = path.with_name(f"{path.name}.json") if path.name else path
        meant = f"; did you mean {named}?" if named.is_file() else ""
        raise refused(f"there is no such file{meant}") from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise refused(f"can't be read: {reason or error}") from None
    if len(content) > LARGEST_FILE:
        raise refused(f"grows beyond {LARGEST_FILE:,} bytes while it is read")
    return content


def _decoded(file: str, content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or (len(content) > 1 and 0 in content[:2]):
        raise InvalidDocument([Problem(file, "", "is UTF-16 (or UTF-32) text; save it as UTF-8")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidDocument(
            [Problem(file, "", f"is not UTF-8 text: line {line} has other bytes; save it as UTF-8")]
        ) from None
    if not text.strip():
        raise InvalidDocument([Problem(file, "", "is empty; expected a JSON document")])
    return text


def _whole(digits: str) -> int | Unusable:
    if len(digits) > LONGEST_NUMBER:
        return Unusable(f"a number of {len(digits):,} digits is out of range")
    return int(digits)


def _decimal(text: str) -> int | Decimal | Unusable:
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > LONGEST_NUMBER or len(exponent) > 6 or abs(int(exponent or 0)) > LARGEST_EXPONENT:
        return Unusable(f"the number {text if len(text) < 30 else text[:20] + '…'} is out of range")
    return plain(Decimal(text))


def plain(number: Decimal) -> int | Decimal:
    """A Decimal, as an int where it is whole."""
    return int(number) if number == number.to_integral_value() else number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    marked = Repetitive(found)
    marked.repeated = tuple(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
    return marked


def _faults(root: Any, file: str) -> Iterator[Problem]:
    waiting: list[tuple[Any, str, int]] = [(root, "", 0)]
    while waiting:
        value, place, depth = waiting.pop()
        match value:
            case Unusable(message):
                yield Problem(file, place, message)
            case float():
                yield Problem(
                    file,
                    place,
                    "is a binary float, which isn't exact; parse the JSON with parse_float=Decimal",
                )
            case str():
                if unclean := CONTROL.search(value):
                    yield Problem(
                        file, place, f"the text has the character {_named(unclean[0])}; take it out"
                    )
            case dict() | list() if depth == DEEPEST:
                raise InvalidDocument([Problem(file, place, TOO_DEEP)])
            case dict() | list() if len(value) > LONGEST_LIST:
                message = f"has {len(value):,} items; lists and objects of at most {LONGEST_LIST:,} are read"
                raise InvalidDocument([Problem(file, place, message)])
            case dict():
                yield from _key_faults(value, file, place)
                waiting.extend((inner, f"{place}/{escaped(key)}", depth + 1) for key, inner in value.items())
            case list():
                waiting.extend((inner, f"{place}/{n}", depth + 1) for n, inner in enumerate(value))
            case bool() | int() | Decimal() | None:
                pass
            case _:
                raise InvalidDocument(
                    [Problem(file, place, f"is a {type(value).__name__}, which JSON doesn't have")]
                )


def _key_faults(value: dict[Any, Any], file: str, place: str) -> Iterator[Problem]:
    for key in value.repeated if isinstance(value, Repetitive) else ():
        message = f"the key {json.dumps(key)} stands in this object more than once; keep one"
        yield Problem(file, f"{place}/{escaped(key)}", message)
    for key in value:
        if not isinstance(key, str):
            raise InvalidDocument([Problem(file, place, f"{key!r} is no key; keys of JSON are texts")])
        if unclean := CONTROL.search(key):
            message = f"the key {json.dumps(key)} has the character {_named(unclean[0])}; take it out"
            yield Problem(file, f"{place}/{escaped(key)}", message)


def _named(character: str) -> str:
    what = {"\n": " (a line break)", "\t": " (a tab)", "\x00": " (NUL)"}.get(character, "")
    what = " (half of a surrogate pair)" if "\ud800" <= character <= "\udfff" else what
    return f"U+{ord(character):04X}{what}"
