"""Whether a text is JSON, and if not, where it goes wrong and what is the usual cause, in plain words."""

from __future__ import annotations

import json
import re
from typing import Any, Final
from unicodedata import category

from vip_rules.errors import InvalidDocument, Problem
from vip_rules.program.numerals import without_quotation_marks

MARKS: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{\]}]', re.DOTALL)

CLOSING: Final = {"[": "]", "{": "}"}

SINGLE: Final = "a single quotation mark; JSON writes texts and keys in double ones"
COMMENT: Final = "a comment; JSON has none, take it out"
HABITS: Final = {
    **dict.fromkeys(("//", "/*", "#", "--", "<!--"), COMMENT),
    "'": SINGLE,
    ";": 'found ";"; JSON writes a comma between two items',
    "=": 'found "="; JSON writes a colon between a key and its value',
}
"""How other languages write things, by how they begin."""

SPELLINGS: Final = {
    **dict.fromkeys(("true", "yes", "on"), "true"),
    **dict.fromkeys(("false", "no", "off"), "false"),
    **dict.fromkeys(("none", "nil", "undefined", "null"), "null"),
}

TYPOGRAPHIC: Final = re.compile("[“”„‟«»‹›‘’‚″]")
ENDING: Final = re.compile(r"[“”„‟»″](?=\s*+(?:[,:}\]]|$))", re.MULTILINE)
"""One that probably ends a text, and isn't part of it."""

STRETCH: Final = re.compile(r':\s*([^"\[\]{}:\r\n]++)(?!:)')
"""What stands unquoted behind a colon."""

WORD: Final = re.compile(r"\w+")
DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

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
    typographic = _typographic(text, error)
    if typographic is not None:
        return typographic, f'{text[typographic]} is a typographic quotation mark; write a straight " instead'
    unclosed = _open_bracket(text, error.pos)
    if not rest:
        return error.pos, f"the file ends, but {unclosed or 'a value'} is missing"
    if error.msg.startswith("Invalid control character") and text[error.pos] in "\r\n":
        cause = (
            "a text ends with its line; a closing quotation mark is missing, or write \\n for a line break"
        )
        return error.pos, cause
    if not error.msg.startswith(("Invalid", "Unterminated")) and (habit := _habit(text, error)):
        return habit
    if (
        unclosed
        and rest[0] in "]}"
        and error.msg.startswith(("Expecting ',' delimiter", "Expecting property"))
    ):
        return error.pos, f'found "{rest[0]}", but {unclosed} is missing before it'
    if unclosed.startswith('the "]"') and rest[0] == ":":
        return error.pos, f"found a key in a list; {unclosed} is probably missing before the key"
    if unclosed and rest[0] == "{" and error.msg.startswith("Expecting property"):
        return error.pos, f"found an object where a key is due; {unclosed} is probably missing before it"
    cause = next((cause for start, cause in CAUSES.items() if error.msg.startswith(start)), VALUE)
    return error.pos, cause.format(_start(rest))


def _open_bracket(text: str, position: int) -> str:
    """Which bracket is missing at a position: that of the innermost list or object that is open there; empty if none is."""
    unclosed: list[int] = []
    for mark in MARKS.finditer(text, 0, position):
        if mark[0] in ("[", "{"):
            unclosed.append(mark.start())
        elif mark[0] in ("]", "}") and unclosed:
            unclosed.pop()
    if not unclosed:
        return ""
    opening = text[unclosed[-1]]
    line = text.count("\n", 0, unclosed[-1]) + 1
    return f'the "{CLOSING[opening]}" of the "{opening}" in line {line}'


def _typographic(text: str, error: json.JSONDecodeError) -> int | None:
    """Where a typographic quotation mark stands for a straight one: at the error, or as the end of the text before it."""
    rest = text[error.pos :]
    here = len(text) - len(rest.lstrip())
    if TYPOGRAPHIC.match(text, here):
        return here
    if error.msg.startswith("Unterminated"):
        begin, end = error.pos, error.pos + len(rest.partition("\n")[0])
    else:
        end = len(text[: error.pos].rstrip())
        begin = text.rfind('"', 0, end - 1 if text.endswith('"', 0, end) else end)
    found = ENDING.search(text, begin + 1, end) if begin >= 0 else None
    return found.start() if found else None


def _habit(text: str, error: json.JSONDecodeError) -> tuple[int, str] | None:
    """What people or other languages write here, and JSON doesn't."""
    character, rest, before = text[error.pos], text[error.pos :].lstrip(), text[: error.pos].rstrip()
    if character not in " \t\r\n" and (character.isspace() or category(character) == "Cf"):
        return (
            error.pos,
            f"an invisible character, U+{ord(character):04X}; delete it, or type a space instead",
        )
    stretch = STRETCH.match(text, max(text.rfind(":", 0, error.pos + 1), 0))
    if stretch and error.pos <= stretch.end():
        value = stretch[1].strip(" \t,")
        if fault := without_quotation_marks(value):
            return stretch.start(1), fault
        if DATE.fullmatch(value):
            return stretch.start(1), f'a date is written in double quotation marks: "{value}"'
    if rest.startswith(",") and before.endswith((",", "{", "[")):
        return error.pos, "a comma too many; take it out"
    for start, cause in HABITS.items():
        if rest.startswith(start):
            return error.pos, cause
    word = WORD.match(rest)
    if word and error.msg.startswith("Expecting value") and word[0].lower() in SPELLINGS:
        return error.pos, f"found {word[0]}; JSON writes {SPELLINGS[word[0].lower()]}"
    return None if before else (error.pos, f"found {_start(rest)}; a JSON document begins with {{ or [")


def _start(rest: str) -> str:
    text = re.match(r'"[^"\\]{0,30}"', rest)
    word = re.match(r'[^\s,:\[\]{}"]{1,20}', rest)
    return text[0] if text else json.dumps(word[0] if word else rest[0], ensure_ascii=False)
