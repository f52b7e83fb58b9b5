"""Messages to send, and who writes their letters."""

from collections.abc import Mapping
from typing import Any

from vip_rules.adapter import Intent
from vip_rules.letters.letter import InvalidTemplate, Letter
from vip_rules.testing.examples import example

WARNING, LATER = example("message", "1"), example("message", "1", second=True)


def messages(count: int) -> list[Intent]:
    """Warnings to so many customers."""
    return [example("message", str(number)) for number in range(1, count + 1)]


class Writes:
    """Writes the same letter to everybody."""

    def __init__(self, subject: str = "골드 등급 유지 안내", text: str = "고객님, 안녕하세요.\n") -> None:
        self._subject, self._text = subject, text

    def write(self, payload: Mapping[str, Any]) -> Letter:
        return Letter(self._subject, self._text, f"<p>{self._text}</p>", "ko")


class CannotWrite:
    """Has templates with a mistake only."""

    def write(self, payload: Mapping[str, Any]) -> Letter:
        raise InvalidTemplate("templates/x.txt:3: mend it")
