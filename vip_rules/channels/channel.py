"""What a channel is: the part of an adapter that carries out messages and reads them back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from vip_rules.adapter import Capability, Intent, Outcome, Refused, Sight
from vip_rules.errors import VipRulesError
from vip_rules.letters.letter import Writer


class InvalidChannel(VipRulesError):
    """An address or a secret that can't be used: mend the settings. Never says the secret."""


class Channel(ABC):
    """A way for messages to leave. Whoever sends effects needn't know whether to a store or to a channel.

    `capabilities` has the one kind "message"; `batch` is how many intents `carry_out` takes at a time.
    """

    capabilities: Mapping[str, Capability]
    batch: int = 1

    @abstractmethod
    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        """Send at most `batch` messages, and tell the outcome of each, in order. Doesn't raise for what happens outside."""

    @abstractmethod
    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        """What was sent under each intent's key."""

    def close(self) -> None:  # noqa: B027 - most have nothing to close
        """Give back what the channel holds open."""


def unsendable(intent: Intent) -> Refused | None:
    """Why a channel doesn't carry out an intent: it sends messages, and takes none back."""
    if intent.kind != "message":
        return Refused(f"a channel sends messages; it can't carry out effects of the kind {intent.kind}")
    if intent.action == "remove":
        return Refused("a message that was sent can't be taken back")
    return None


def lettered(intent: Intent, letters: Writer | None) -> dict[str, Any]:
    """A message's payload, with what the customer reads if there is a writer of letters. Raises InvalidTemplate."""
    letter = {} if letters is None else letters.write(intent.payload).record()
    return {**intent.payload, **letter}


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, so that nothing that is sent to it leaves it."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
