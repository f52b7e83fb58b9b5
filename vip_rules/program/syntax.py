"""Whether a text is JSON, and if not, where it goes wrong and what is the usual cause, in plain words."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from vip_rules.errors import InvalidDocument, Problem

MARKS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)

SINGLE: Final = "a single quotation mark; JSON writes texts and keys in double ones"
TYPOGRAPHIC: Final = 'a typographic quotation mark; JSON writes texts and keys in straight double ones (")'
COMMENT: Final = "a comment; JSON has none, take it out"
HABITS: Final = {
    **dict.fromkeys(("//", "/*", "#"), COMMENT),
    **dict.fromkeys("'‘’", SINGLE),
    **dict.fromkeys("“”„«", TYPOGRAPHIC),
    "True": "found True; JSON writes true",
    "False": "found False; JSON writes false",
    "None": "found None; JSON writes null",
}
"""How other languages write things, by how they begin."""

CAUSES: Final = {
    "Expecting ',' delimiter": "found {}, expected a comma or a closing bracket; a comma is probably missing before it",
    "Expecting ':' delimiter": "found {}, expected a colon after the key",
    "Expecting property name": "found {}, expected a key in double quotation marks",
    "Unterminated string": "a text begins here and doesn't end; a closing quotation mark is missing",
    "Invalid control character": "a control character inside a text; take it out",
    "Invalid": "a backslash that begins no escape of JSON; write \\\\ for a backslash",
    "Extra data": "found {} after the end of the document; expected nothing more",
}
"""By how Python's message begins; {} is what stands there."""

VALUE: Final = "found {}, expected a value: a text in double quotation marks, a number, true, false, null, a list, an object"


def begins_deeper(text: str, deepest: int) -> int:
    """Where a list or object begins that is more than `deepest` deep inside others; 0 if none does.

    To be asked before parsing: a parser that recurses would end in a RecursionError, or worse.
    """
    depth = 0
    for mark in MARKS.finditer(text):
        if mark[0] in ("[", "{"):
            depth += 1
            if depth > deepest:
                return mark.start()
        elif mark[0] in ("]", "}"):
            depth -= 1
    return 0


def parsed(file: str, text: str, **hooks: Any) -> Any:
    """The JSON value of a text. `hooks` are those of json.loads. Raises InvalidDocument with line, column and cause."""
    try:
        return json.loads(text, **hooks)
    except json.JSONDecodeError as error:
        raise syntax_error(file, text, *_cause(text, error)) from None


def syntax_error(file: str, text: str, position: int, message: str) -> InvalidDocument:
    """A mistake at a position of a text."""
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    return InvalidDocument([Problem(file, "", f"line {line}, column {column}: {message}")])


def _cause(text: str, error: json.JSONDecodeError) -> tuple[int, str]:
    """Where a text goes wrong, and why."""
    rest, before = text[error.pos :].lstrip(), text[: error.pos].rstrip()
    # Python 3.13 points at a comma itself, earlier versions behind it.
    after_comma = rest[1:].lstrip() if rest.startswith(",") else rest
    if (before.endswith(",") or rest.startswith(",")) and after_comma[:1] in ("]", "}"):
        comma = error.pos if rest.startswith(",") else len(before) - 1
        return comma, f'a comma before "{after_comma[0]}"; JSON has none after the last item, take it out'
    if not rest:
        return error.pos, "the file ends in the middle; a closing bracket or quotation mark is missing"
    if error.msg.startswith("Invalid control character") and text[error.pos] in "\r\n":
        cause = (
            "a text ends with its line; a closing quotation mark is missing, or write \\n for a line break"
        )
        return error.pos, cause
    for start, cause in HABITS.items():
        if rest.startswith(start) and not error.msg.startswith(("Invalid", "Unterminated")):
            return error.pos, cause
    cause = next((cause for start, cause in CAUSES.items() if error.msg.startswith(start)), VALUE)
    return error.pos, cause.format(_start(rest))


def _start(rest: str) -> str:
    text = re.match(r'"[^"\\]{0,30}"', rest)
    word = re.match(r'[^\s,:\[\]{}"]{1,20}', rest)
    return text[0] if text else json.dumps(word[0] if word else rest[0], ensure_ascii=False)
