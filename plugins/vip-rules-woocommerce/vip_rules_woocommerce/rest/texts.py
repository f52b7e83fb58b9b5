"""What a shop's server sends, as values and as sentences for people."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html import unescape
from typing import Any, Final

_LONGEST: Final = 300
_TAG: Final = re.compile(r"<[^<>]*>")
_EMAIL: Final = re.compile(r"[^\s@<>\"'(),:;]+@[^\s@<>\"'(),:;]+")
_NOTICE: Final = re.compile(
    rb"\b(?:warning|notice|deprecated|fatal error|parse error)\b.{0,9}:", re.IGNORECASE
)
_PAGE: Final = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml|!--)", re.IGNORECASE)


class NotJson(ValueError):
    """A body that isn't JSON; the message says what it is instead, and what to do."""


def parsed(body: bytes) -> Any:
    """A body's JSON; numbers with a fraction are Decimal, and a byte order mark is passed over. Raises NotJson."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError, ArithmeticError):
        pass_on = NotJson(_instead(body))
    raise pass_on


def plain(text: str) -> str:
    """A text of the store's as one short sentence: entities decoded, tags and email addresses left out."""
    stripped = _TAG.sub(" ", unescape(_TAG.sub(" ", text)))
    printable = "".join(char if char.isprintable() else " " for char in stripped)
    short = " ".join(_EMAIL.sub("(an email address)", printable).split())
    return short if len(short) <= _LONGEST else short[: _LONGEST - 1] + "…"


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def _instead(body: bytes) -> str:
    if not body.strip():
        return "an empty answer: look for a fatal error in the shop's PHP log"
    if _NOTICE.search(body[:4000]):
        return (
            "PHP notices instead of, or in front of, the JSON: switch them off in the shop (WP_DEBUG_DISPLAY false, "
            "display_errors off), and look in its PHP log for the plugin that causes them"
        )
    if _PAGE.match(body):
        return (
            "a web page instead of JSON: a firewall, a cache, a login wall or a maintenance page is in front of the "
            "shop's API; let requests to /wp-json/wc/v3 through"
        )
    return "an answer that isn't JSON, or was cut off: look in the shop's PHP log for a plugin that writes into it"
