"""A letter: a message in words, as it goes to a customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from vip_rules.errors import VipRulesError


class InvalidTemplate(VipRulesError):
    """A template that can't be read or filled in: mend the file that the message names, at its line."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A subject of one line, the text, the same as HTML, and the language of both as a tag of BCP 47."""

    subject: str
    text: str
    html: str
    language: str

    def record(self) -> dict[str, str]:
        """What other programs get of it."""
        return {"subject": self.subject, "body": self.text, "language": self.language}


class Writer(Protocol):
    """Who writes letters."""

    def write(self, payload: Mapping[str, Any]) -> Letter:
        """The letter of a message's payload. Raises InvalidTemplate."""
