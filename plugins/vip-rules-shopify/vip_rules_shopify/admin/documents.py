"""The GraphQL documents: one file each in the folder `documents`, named for what it does.

A file may spread fragments: `...OrderFields` brings in the file order_fields. Bulk operations take no variables: in their
queries each value is written where its variable stands.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

_SPREAD: Final = re.compile(r"\.\.\.\s*([A-Z]\w*)")
_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")
_HEAD: Final = re.compile(r"(query\s+\w+)\s*\([^)]*\)")
_INCLUDED: Final = re.compile(r"\s*@include\(if: \$(\w+)\)")


@dataclass(frozen=True, slots=True)
class Document:
    """A GraphQL document as it is sent, with its fragments."""

    name: str
    text: str
    kind: Literal["query", "mutation"]


@cache
def document(name: str) -> Document:
    """The document of a name. Raises KeyError where there is none."""
    text = _read(name)
    if not text.startswith(("query ", "mutation ")):
        raise KeyError(name)
    whole = [text]
    wanted = list(dict.fromkeys(_SPREAD.findall(text)))
    for fragment in wanted:  # grows with the fragments of fragments
        added = _read(_CAPITAL.sub("_", fragment).lower())
        whole.append(added)
        wanted += [each for each in dict.fromkeys(_SPREAD.findall(added)) if each not in wanted]
    return Document(name, "".join(whole), "query" if text.startswith("query ") else "mutation")


def bulk_query(name: str, /, *, query: str | None = None, **included: bool) -> str:
    """A document as the query of a bulk operation: about what a search finds, or everything (None).

    `included` says by variable whether the fields that are marked with it are read; each such field has a line of its own.
    """
    text = _HEAD.sub(r"\1", document(name).text)
    lines = []
    for line in text.splitlines():
        marked = _INCLUDED.search(line)
        if marked is None:
            lines.append(line)
        elif included[marked[1]]:
            lines.append(_INCLUDED.sub("", line))
    text = "\n".join(lines)
    if query is None:
        return text.replace("(query: $query)", "")
    return text.replace("$query", json.dumps(query, ensure_ascii=False))


def names() -> list[str]:
    """The names of all documents, without fragments."""
    return sorted(
        file.name.removesuffix(".graphql")
        for file in (files(__package__) / "documents").iterdir()
        if file.name.endswith(".graphql") and not file.read_text("utf-8").startswith("fragment ")
    )


def _read(name: str) -> str:
    try:
        return (files(__package__) / "documents" / f"{name}.graphql").read_text("utf-8")
    except FileNotFoundError:
        raise KeyError(name) from None
