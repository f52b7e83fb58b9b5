"""A desk: what the server has of one shop. It reads the database; what reaches for the store is the worker's."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event

from vip_rules.project import Project


@dataclass(frozen=True, slots=True)
class Desk:
    """A shop as the server knows it. `nudge` wakes its workers, where they are in this process."""

    project: Project
    nudge: Event

    @property
    def name(self) -> str:
        """The shop's name, by which it is addressed."""
        return self.project.config.shop
