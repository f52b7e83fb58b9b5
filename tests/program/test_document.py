"""Files that anybody may have written: each gets a message with its place, and none an exception of another kind."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from tests.program.example import PROGRAM
from vip_rules.errors import InvalidDocument
from vip_rules.program.document import DEEPEST, LARGEST_FILE, LONGEST_LIST, examined, read_document
from vip_rules.program.load import load_program

NESTED = (
    'lists and objects are nested more than 32 deep here; give inner conditions a name in "conditions" '
    "and refer to it"
)


def problem_of(path: Path, content: str | bytes) -> str:
    """The only problem of a file with a content, without the file's name."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InvalidDocument) as raised:
        read_document(path)
    return refusal(path, raised.value)


def test_a_name_without_its_ending(tmp_path: Path) -> None:
    (tmp_path / "vip.json").write_text("{}", "utf-8")
    with pytest.raises(InvalidDocument) as raised:
        read_document(tmp_path / "vip")
    assert (
        refusal(tmp_path / "vip", raised.value)
        == f"there is no such file; did you mean {tmp_path / 'vip.json'}?"
    )


def refusal(path: Path, error: InvalidDocument) -> str:
    (problem,) = error.problems
    assert (problem.file, problem.pointer) == (str(path), "")
    assert str(problem) == f"{path}: {problem.message}"
    return problem.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,}', 'line 1, column 8: a comma before "}"; JSON has none after the last item, take it out'),
        (
            "[1,\n 2 ,\n]",
            'line 2, column 4: a comma before "]"; JSON has none after the last item, take it out',
        ),
        ("{'a': 1}", "line 1, column 2: a single quotation mark; JSON writes texts and keys in double ones"),
        (
            '{"a": “x”}',
            'line 1, column 7: “ is a typographic quotation mark; write a straight " instead',
        ),
        (
            '{"a": 1\n "b": 2}',
            'line 2, column 2: found "b", expected a comma or a closing bracket; a comma is probably missing before it',
        ),
        ('{"a" 1}', 'line 1, column 6: found "1", expected a colon after the key'),
        ("{a: 1}", 'line 1, column 2: found "a", expected a key in double quotation marks'),
        ('{"a": 1} // x', "line 1, column 10: a comment; JSON has none, take it out"),
        ('{"a": 1, # x\n}', "line 1, column 10: a comment; JSON has none, take it out"),
        ('{"a": True}', "line 1, column 7: found True; JSON writes true"),
        ('{"a": None}', "line 1, column 7: found None; JSON writes null"),
        ('{"a": “x"}', 'line 1, column 7: “ is a typographic quotation mark; write a straight " instead'),
        ('{"a": ‘x’}', 'line 1, column 7: ‘ is a typographic quotation mark; write a straight " instead'),
        (
            '{"a": "x”, "b": 1}',
            'line 1, column 9: ” is a typographic quotation mark; write a straight " instead',
        ),
        (
            '{"a": "x”,\n"b": 1}',
            'line 1, column 9: ” is a typographic quotation mark; write a straight " instead',
        ),
        ('{"a": "x”}', 'line 1, column 9: ” is a typographic quotation mark; write a straight " instead'),
        (
            '{"a": "they don’t" "b": 1}',
            'line 1, column 20: found "b", expected a comma or a closing bracket; a comma is probably missing before it',
        ),
        (
            '{"a": usd}',
            (
                'line 1, column 7: found "usd", expected a value: a text in double quotation marks, a number, true, false, '
                "null, a list, an object"
            ),
        ),
        ('{"a": 2,000}', "line 1, column 7: a number is written without a comma for thousands: 2000"),
        (
            '{"a": 2,000.50, "b": 1}',
            "line 1, column 7: a number is written without a comma for thousands: 2000.50",
        ),
        ('{"a":\n 2 000}', "line 2, column 2: a number is written without a space for thousands: 2000"),
        (
            '{"a": 19,99}',
            "line 1, column 7: a number is written with a point for decimals and no mark for thousands: 19.99",
        ),
        ('{"a": $2,000}', "line 1, column 7: a number is written without $: 2000"),
        ('{"a": 10%}', "line 1, column 7: a number is written without %: 10"),
        (
            '{"a": 60 days, "b": 1}',
            'line 1, column 7: a number is written alone: 60; or, as a text, in double quotation marks: "60 days"',
        ),
        ('{"a": .5}', "line 1, column 7: a number is written like this: 0.5"),
        ('{"a": 007}', "line 1, column 7: a number is written like this: 7"),
        (
            '{"a": 1, b: 2}',
            'line 1, column 10: found "b", expected a key in double quotation marks',
        ),
        (
            '{"a": 2026-11-20}',
            'line 1, column 7: a date is written in double quotation marks: "2026-11-20"',
        ),
        ('{"a": 1,, "b": 2}', "line 1, column 9: a comma too many; take it out"),
        ('{"a": 1; "b": 2}', 'line 1, column 8: found ";"; JSON writes a comma between two items'),
        ('{"a" = 1}', 'line 1, column 6: found "="; JSON writes a colon between a key and its value'),
        (
            '{"a":\u00a01}',
            "line 1, column 6: an invisible character, U+00A0; delete it, or type a space instead",
        ),
        ('{"a": no}', "line 1, column 7: found no; JSON writes false"),
        ("tier: silver", 'line 1, column 1: found "tier"; a JSON document begins with { or ['),
        (
            '{"a": "x\ny"}',
            "line 1, column 9: a text ends with its line; a closing quotation mark is missing, or write \\n for a line break",
        ),
        ('{"a": "x\ty"}', "line 1, column 9: a control character inside a text; take it out"),
        (
            '{"a": "x',
            "line 1, column 7: a text begins here and doesn't end; a closing quotation mark is missing",
        ),
        (
            r'{"a": "\q"}',
            r"line 1, column 8: a backslash that begins no escape of JSON; write \\ for a backslash",
        ),
        (
            '{"a": 1',
            'line 1, column 8: the file ends, but the "}" of the "{" in line 1 is missing',
        ),
        ('[{"a": "]}",\n', 'line 2, column 1: the file ends, but the "}" of the "{" in line 1 is missing'),
        (
            '{"a": [\n1, 2\n}',
            'line 3, column 1: found "}", but the "]" of the "[" in line 1 is missing before it',
        ),
        (
            '[\n {"b": 1\n]',
            'line 3, column 1: found "]", but the "}" of the "{" in line 2 is missing before it',
        ),
        (
            '{"a": [{"b": 1},\n"c": 2}',
            'line 2, column 4: found a key in a list; the "]" of the "[" in line 1 is probably missing before the key',
        ),
        (
            '[\n{"id": 1,\n{"id": 2}]',
            'line 3, column 1: found an object where a key is due; the "}" of the "{" in line 2 is probably missing before it',
        ),
        ("{} {}", 'line 1, column 4: found "{" after the end of the document; expected nothing more'),
        ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), f"line 1, column 33: {NESTED}"),
        ("[" * 100_000, f"line 1, column 33: {NESTED}"),
        ('{"not":' * 10_000 + "{}" + "}" * 10_000, f"line 1, column 225: {NESTED}"),
        ("", "is empty; expected a JSON document"),
        (" \n", "is empty; expected a JSON document"),
        (b'{"a": 1}\n\xff', "is not UTF-8 text: line 2 has other bytes; save it as UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "is UTF-16 (or UTF-32) text; save it as UTF-8"),
        ('{"a": 1}'.encode("utf-16-be"), "is UTF-16 (or UTF-32) text; save it as UTF-8"),
        (b" " * (LARGEST_FILE + 1), "has 1,000,001 bytes; a JSON file of at most 1,000,000 bytes is read"),
    ],
)
def test_text_that_is_no_json(tmp_path: Path, text: str | bytes, message: str) -> None:
    assert problem_of(tmp_path / "vip.json", text) == message


def test_brackets_in_texts_do_not_nest(tmp_path: Path) -> None:
    path = tmp_path / "vip.json"
    path.write_text(json.dumps({"a": '[{"' * 100, "b": "\\"}), "utf-8")
    assert read_document(path).value == {"a": '[{"' * 100, "b": "\\"}


def test_a_text_that_never_ends_is_scanned_once(tmp_path: Path) -> None:
    assert "doesn't end" in problem_of(tmp_path / "vip.json", '"' + r"\"" * 400_000)


def test_a_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    path = tmp_path / "vip.json"
    path.write_bytes(b"\xef\xbb\xbf{}")
    assert read_document(path).value == {}


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "vip.json"
    with path.open("wb") as file:
        file.truncate(10_000_000_000)
    with pytest.raises(InvalidDocument) as raised:
        read_document(path)
    assert (
        refusal(path, raised.value)
        == "has 10,000,000,000 bytes; a JSON file of at most 1,000,000 bytes is read"
    )


def test_what_is_no_file(tmp_path: Path) -> None:
    def message(path: Path) -> str:
        with pytest.raises(InvalidDocument) as raised:
            read_document(path)
        return refusal(path, raised.value)

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert message(tmp_path / "no.json") == "there is no such file"
    assert message(tmp_path) == "is a folder; expected a JSON file"
    assert message(pipe) == "is not a regular file; expected a JSON file"
    assert message(tmp_path / "a\0b") == "can't be read: embedded null byte"


def test_a_link_stays_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}", "utf-8")
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "real.json").write_text("{}", "utf-8")
    (folder / "inside.json").symlink_to("real.json")
    (folder / "outside.json").symlink_to("../secret.json")
    (folder / "circle.json").symlink_to("circle.json")
    assert read_document(folder / "inside.json").value == {}
    with pytest.raises(
        InvalidDocument, match=r"is a symbolic link that leads out of its folder, to .*/secret\.json; put"
    ):
        read_document(folder / "outside.json")
    with pytest.raises(InvalidDocument, match=r"circle\.json"):
        read_document(folder / "circle.json")


def test_numbers_are_exact(tmp_path: Path) -> None:
    path = tmp_path / "vip.json"
    path.write_text("[19.99, 100.0, 1e3, -0.0, 0.1, 12345678901234567890]", "utf-8")
    value = read_document(path).value
    assert value == [Decimal("19.99"), 100, 1000, 0, Decimal("0.1"), 12345678901234567890]
    assert [type(number) for number in value] == [Decimal, int, int, int, Decimal, int]


def test_faults_of_a_text_are_found_together(tmp_path: Path) -> None:
    path = tmp_path / "vip.json"
    digits = "9" * 5_000
    path.write_text(
        f'{{"a": NaN, "b": [-Infinity, {digits}, 1e1000000, 1e-99], "c": "\\ud800", "d": "x\\u0000", "d": "y\\n",'
        f' "e": {{"f": 1, "f": 2, "g": {{"h": 1, "h": 1}}}}, "i\\u0007": 1}}',
        "utf-8",
    )
    assert {(problem.pointer, problem.message) for problem in read_document(path).problems} == {
        ("/a", "NaN is not a number of JSON; expected digits"),
        ("/b/0", "-Infinity is not a number of JSON; expected digits"),
        ("/b/1", "a number of 5,000 digits is out of range"),
        ("/b/2", "the number 1e1000000 is out of range"),
        ("/b/3", "the number 1e-99 is out of range"),
        ("/c", "the text has the character U+D800 (half of a surrogate pair); take it out"),
        ("/d", 'the key "d" stands in this object more than once; keep one'),
        ("/d", "the text has the character U+000A (a line break); take it out"),
        ("/e/f", 'the key "f" stands in this object more than once; keep one'),
        ("/e/g/h", 'the key "h" stands in this object more than once; keep one'),
        ("/i\x07", 'the key "i\\u0007" has the character U+0007; take it out'),
    }


def test_faults_of_a_text_come_with_all_others(tmp_path: Path) -> None:
    path = tmp_path / "vip.json"
    text = (
        json.dumps(PROGRAM)
        .replace('"format": 1', '"format": 1, "format": 1')
        .replace('"at_least": 12}', '"at_least": 1e99}')
    )
    path.write_text(text.replace('"percent": 10', '"percent": 110').replace('"USD"', '"US\\u0000D"'), "utf-8")
    with pytest.raises(InvalidDocument) as raised:
        load_program(path)
    assert [(problem.pointer, problem.message) for problem in raised.value.problems] == [
        ("/format", 'the key "format" stands in this object more than once; keep one'),
        ("/currency", "the text has the character U+0000 (NUL); take it out"),
        ("/conditions/loyal regular/all/0/at_least", "the number 1e99 is out of range"),
        ("/tiers/0/benefits/0/percent", "found 110, expected a number above 0 and of at most 100"),
    ]


@pytest.mark.parametrize(
    ("value", "pointer", "message"),
    [
        ({"a": {1, 2}}, "/a", "is a set, which JSON doesn't have"),
        ({"a": {1: 2}}, "/a", "1 is no key; keys of JSON are texts"),
        ([[0] * (LONGEST_LIST + 1)], "/0", "has 1,001 items; lists and objects of at most 1,000 are read"),
    ],
)
def test_what_no_json_text_can_hold(value: object, pointer: str, message: str) -> None:
    with pytest.raises(InvalidDocument) as raised:
        examined(value, "vip.json")
    assert [(problem.pointer, problem.message) for problem in raised.value.problems] == [(pointer, message)]


def test_a_circle_of_lists_ends() -> None:
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(InvalidDocument, match="nested more than 32 deep"):
        examined(circle, "vip.json")


def test_floats_are_refused() -> None:
    (problem,) = examined({"a": 0.1}, "vip.json").problems  # not money
    assert (problem.pointer, problem.message) == (
        "/a",
        "is a binary float, which isn't exact; parse the JSON with parse_float=Decimal",
    )
