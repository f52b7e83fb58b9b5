"""An HTTP answer, and what may go wrong with it on its way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is sent. `length` of the body is told; it arrives in `pieces`. `dropped`: the connection ends without a word.

    `half`: it ends in the middle of the body. `seconds` is how long it takes until the answer begins.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int = 0
    pieces: Iterable[bytes] = ()
    dropped: bool = False
    half: bool = False
    seconds: float = 0  # not money


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """JSON as Shopify sends it."""
    body = json.dumps(content, separators=(",", ":")).encode()
    return text_answer(body, status, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})


def text_answer(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Any body."""
    return Answer(status=status, headers=headers or {}, length=len(body), pieces=(body,))


DROPPED = Answer(dropped=True)
