"""Effects written down for people and scripts to carry out: a file for each kind, a line for each effect."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from vip_rules.adapter import (
    KINDS,
    ONCE,
    Capability,
    Confirmed,
    Found,
    Intent,
    Missing,
    Outcome,
    Refused,
    Sight,
    Unknown,
    Unreadable,
)
from vip_rules.errors import InvalidInput
from vip_rules.journal import Journal

Answer = TypeVar("Answer")

CAPABILITIES: Final = {
    kind: Capability(f"Written to {kind}.jsonl; a person or a script carries it out in the store.")
    for kind in KINDS
}


class Worklist:
    """The folder of what is to be done in the store; its files only grow.

    The last line of a key is what holds. An effect whose line says what is wanted already isn't written again, so that whoever
    works through the files does nothing twice.
    """

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._journals = {kind: Journal(folder / f"{kind}.jsonl") for kind in KINDS}

    def write(self, intents: Sequence[Intent]) -> list[Outcome]:
        """Write effects down, and tell for each whether it is on the disk."""
        return self._by_kind(intents, self._write, Refused("there is no file for effects of this kind"))

    def look(self, intents: Sequence[Intent]) -> list[Sight]:
        """What the files say last of each effect's key."""
        return self._by_kind(intents, _sights, Missing())

    def _by_kind(
        self,
        intents: Sequence[Intent],
        answer: Callable[[Journal, Sequence[Intent]], list[Answer]],
        otherwise: Answer,
    ) -> list[Answer]:
        """The answer to each intent, those of one kind asked of their file together; `otherwise` where there's no file."""
        answers = [otherwise] * len(intents)
        for kind, journal in self._journals.items():
            numbers = [n for n, intent in enumerate(intents) if intent.kind == kind]
            of_kind = answer(journal, [intents[n] for n in numbers]) if numbers else []
            for n, each in zip(numbers, of_kind, strict=True):
                answers[n] = each
        return answers

    def _write(self, journal: Journal, intents: Sequence[Intent]) -> list[Outcome]:
        reference = journal.path.name
        try:
            latest = journal.find([intent.key for intent in intents])
        except (InvalidInput, OSError) as error:
            return [Refused(_unreadable(journal, error))] * len(intents)
        lines: list[dict[str, Any]] = []
        outcomes: list[Outcome] = []
        for intent in intents:
            before = latest.get(intent.key)
            if before is not None and _says(before, intent):
                outcomes.append(Confirmed(reference))
            elif before is not None and intent.kind in ONCE:
                outcomes.append(
                    Refused(f"{reference} has {intent.key} already, and says something else of it")
                )
            else:
                latest[intent.key] = self._line(intent)
                lines.append(latest[intent.key])
                outcomes.append(Confirmed(reference))
        try:
            journal.path.parent.mkdir(parents=True, exist_ok=True)
            journal.append(lines)
        except (PermissionError, FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            closed = Refused(
                f"{journal.path} can't be written: {error.strerror}; see to it, then vip-rules outbox retry --all-refused"
            )
            return [closed if isinstance(outcome, Confirmed) else outcome for outcome in outcomes]
        except OSError as error:
            lost = Unknown(f"{journal.path} couldn't be written: {error.strerror}")
            return [lost if isinstance(outcome, Confirmed) else outcome for outcome in outcomes]
        return outcomes

    def _line(self, intent: Intent) -> dict[str, Any]:
        return {
            "key": intent.key,
            "action": intent.action,
            "customer_id": intent.customer_id,
            "payload": _plain(intent.payload),
            "known": None if intent.known is None else _plain(intent.known),
            "written_at": self._clock().isoformat(timespec="seconds"),
        }


def _sights(journal: Journal, intents: Sequence[Intent]) -> list[Sight]:
    try:
        latest = journal.find([intent.key for intent in intents])
    except (InvalidInput, OSError) as error:
        return [Unreadable(_unreadable(journal, error))] * len(intents)
    return [_sight(latest.get(intent.key), journal.path.name) for intent in intents]


def _sight(line: Mapping[str, Any] | None, reference: str) -> Sight:
    if line is None or line.get("action") == "remove":
        return Missing()
    payload = line.get("payload")
    if not isinstance(payload, dict):
        return Unreadable(f"{reference} has a line of {line['key']} without a payload")
    return Found(payload, reference)


def _says(line: Mapping[str, Any], intent: Intent) -> bool:
    """Whether a line says what an intent wants; to remove needs no payload."""
    if line.get("action") != intent.action:
        return False
    return intent.action == "remove" or line.get("payload") == _plain(intent.payload)


def _plain(payload: Mapping[str, Any]) -> Any:
    """A payload as it comes back from JSON: a tuple is a list there."""
    return json.loads(json.dumps(payload, default=dict))


def _unreadable(journal: Journal, error: InvalidInput | OSError) -> str:
    return f"{journal.path} can't be read: {error.strerror}" if isinstance(error, OSError) else str(error)
