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
    RetryAfter,
    Sight,
    Unknown,
    Unreadable,
)
from vip_rules.channels.channel import Channel, unsendable
from vip_rules.errors import InvalidInput
from vip_rules.journal import Journal

_ABOUT: Final = ("key", "customer_id")
"""What a line says besides the message itself."""

_WAIT: Final = 300
"""Seconds until a file that can't be read is tried again: a person has to mend it."""


class OutgoingFile(Channel):
    """A JSON Lines file: one message a line, with its key and its customer. A message is written once, and then on the disk."""

    capabilities: Mapping[str, Capability] = {
        "message": Capability(
            "Writes the message as a line of a file.",
            lacks="Another program has to deliver it: the file doesn't tell whether it did.",
        )
    }
    batch = 1_000

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path)

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        """Write the messages that aren't there yet, all at once. One with a key that is there is not written again."""
        messages = {intent.key: intent for intent in intents if unsendable(intent) is None}
        outcome: Outcome = Confirmed()
        try:
            written = self._written(messages)
        except (OSError, InvalidInput) as error:
            outcome = RetryAfter(_WAIT, self._failure("can't be used", error))
        else:
            try:
                self._journal.append(_entry(messages[key]) for key in messages if key not in written)
            except OSError as error:
                outcome = Unknown(self._failure("couldn't be written", error))
        return [unsendable(intent) or outcome for intent in intents]

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        """The messages as they were written."""
        try:
            written = self._written([intent.key for intent in intents])
        except (OSError, InvalidInput) as error:
            return [Unreadable(self._failure("can't be used", error)) for _ in intents]
        return [
            Found(_payload(written[intent.key])) if intent.key in written else Missing() for intent in intents
        ]

    def _written(self, keys: Collection[str]) -> dict[str, dict[str, Any]]:
        """The messages that are in the file for good: nobody is told of one that a power failure could still take away."""
        self._journal.settle()
        return self._journal.find(keys)

    def _failure(self, what: str, error: OSError | InvalidInput) -> str:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return f"the file of outgoing messages {what}: {self._journal.path}: {reason}"


def _entry(intent: Intent) -> dict[str, Any]:
    return {"key": intent.key, "customer_id": intent.customer_id, **intent.payload}


def _payload(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in _ABOUT}
