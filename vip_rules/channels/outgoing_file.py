"""Messages as lines of a file, for another program to deliver."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from vip_rules.adapter import (
    Capability,
    Confirmed,
    Found,
    Intent,
    Missing,
    Outcome,
    Refused,
    RetryAfter,
    Sight,
    Unknown,
    Unreadable,
)
from vip_rules.channels.channel import Channel, lettered, unsendable
from vip_rules.errors import InvalidInput
from vip_rules.journal import Journal
from vip_rules.letters.letter import InvalidTemplate, Writer

_ABOUT: Final = ("key", "customer_id")
"""What a line says besides the message itself."""

_LETTER: Final = ("subject", "body", "language")
"""What the letter adds to the message, or says in its place: the language is that of the body."""

_WAIT: Final = 300
"""Seconds until a file that can't be read is tried again: a person has to mend it."""


class OutgoingFile(Channel):
    """A JSON Lines file: one message a line, with its key and its customer. A message is written once, and then on the disk.

    With `letters` a message has its subject, body and language, too.
    """

    capabilities: Mapping[str, Capability] = {
        "message": Capability(
            "Writes the message as a line of a file.",
            lacks="Another program has to deliver it: the file doesn't tell whether it did.",
        )
    }
    batch = 1_000

    def __init__(self, path: Path, letters: Writer | None = None) -> None:
        self._journal = Journal(path)
        self._letters = letters

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        """Write the messages that aren't there yet, all at once. One with a key that is there is not written again."""
        messages = {intent.key: intent for intent in intents if unsendable(intent) is None}
        outcome: Outcome = Confirmed()
        refused: dict[str, Outcome] = {}
        try:
            written = self._written(messages)
        except (OSError, InvalidInput) as error:
            outcome = RetryAfter(_WAIT, self._failure("can't be used", error))
        else:
            entries = []
            for key, intent in messages.items():
                try:
                    entries += [self._entry(intent)] if key not in written else []
                except InvalidTemplate as error:
                    refused[key] = Refused(str(error))
            try:
                self._journal.append(entries)
            except OSError as error:
                outcome = Unknown(self._failure("couldn't be written", error))
        return [unsendable(intent) or refused.get(intent.key, outcome) for intent in intents]

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        """The messages as they were written."""
        try:
            written = self._written([intent.key for intent in intents])
        except (OSError, InvalidInput) as error:
            return [Unreadable(self._failure("can't be used", error)) for _ in intents]
        return [
            Found(_payload(written[intent.key], intent)) if intent.key in written else Missing()
            for intent in intents
        ]

    def _written(self, keys: Collection[str]) -> dict[str, dict[str, Any]]:
        """The messages that are in the file for good: nobody is told of one that a power failure could still take away."""
        self._journal.settle()
        return self._journal.find(keys)

    def _entry(self, intent: Intent) -> dict[str, Any]:
        return {"key": intent.key, "customer_id": intent.customer_id, **lettered(intent, self._letters)}

    def _failure(self, what: str, error: OSError | InvalidInput) -> str:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return f"the file of outgoing messages {what}: {self._journal.path}: {reason}"


def _payload(entry: Mapping[str, Any], intent: Intent) -> dict[str, Any]:
    """A message as it was before a letter was made of it."""
    if "body" not in entry:
        return {name: value for name, value in entry.items() if name not in _ABOUT}
    wished = {name: value for name, value in intent.payload.items() if name == "language"}
    return {name: value for name, value in entry.items() if name not in (*_ABOUT, *_LETTER)} | wished
