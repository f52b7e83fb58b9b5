"""Whether a text is JSON, and if not, where it goes wrong and what is the usual cause, in plain words."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from vip_rules.errors import InvalidDocument, Problem

MARKS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)


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
        raise syntax_error(file, text, error.pos, _cause(text, error)) from None


def syntax_error(file: str, text: str, position: int, message: str) -> InvalidDocument:
    """A mistake at a position of a text."""
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    return InvalidDocument([Problem(file, "", f"line {line}, column {column}: {message}")])


def _cause(text: str, error: json.JSONDecodeError) -> str:
    rest, before = text[error.pos :].lstrip(), text[: error.pos].rstrip()
    # CPython 3.13 points at the comma itself, earlier versions behind it.
    after_comma = rest[1:].lstrip() if rest.startswith(",") else rest
    if (before.endswith(",") or rest.startswith(",")) and after_comma[:1] in ("]", "}"):
        return f'a comma before "{after_comma[0]}"; JSON has none after the last item, take it out'
    if rest.startswith(("//", "/*", "#")):
        return "a comment; JSON has none, take it out"
    if not rest:
        return "the file ends in the middle; a closing bracket or quotation mark is missing"
    if rest[0] in "'‘’":
        return "a single quotation mark; JSON writes texts and keys in double ones"
    if rest[0] in "“”„«":
        return 'a typographic quotation mark; JSON writes texts and keys in straight double ones (")'
    if error.msg.startswith("Expecting ',' delimiter"):
        return f"found {_start(rest)}, expected a comma or a closing bracket; a comma is probably missing before it"
    if error.msg.startswith("Expecting ':' delimiter"):
        return f"found {_start(rest)}, expected a colon after the key"
    if error.msg.startswith("Expecting property name"):
        return f"found {_start(rest)}, expected a key in double quotation marks"
    if error.msg.startswith("Unterminated string"):
        return "a text begins here and doesn't end; a closing quotation mark is missing"
    if error.msg.startswith("Invalid control character"):
        what = "a line break" if text[error.pos] in "\r\n" else "a control character"
        return f"{what} inside a text; a closing quotation mark is missing, or write it as an escape"
    if error.msg.startswith("Invalid"):
        return r'a backslash that begins no escape of JSON; write \\ for a backslash'
    if error.msg.startswith("Extra data"):
        return f"found {_start(rest)} after the end of the document; expected nothing more"
    if word := re.match(r"(True|False|None|undefined)\b", rest):
        return f"found {word[1]}; JSON writes {dict(True_='true', False_='false').get(word[1] + '_', 'null')}"
    return f"found {_start(rest)}, expected a value: a text in double quotation marks, a number, true, false, null, a list or an object"


def _start(rest: str) -> str:
    word = re.match(r"[^\s,:\[\]{}]{1,20}", rest)
    return json.dumps(word[0] if word else rest[0], ensure_ascii=False)
