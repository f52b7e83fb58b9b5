"""Public errors, grouped by what the reader does next; the command line prints them without a traceback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class VipRulesError(Exception):
    """Something a person can act on. `exit_code` is the command line's (DESIGN: 1 refused or invalid, 2 usage, 3 failed)."""

    exit_code = 1


class UsageError(VipRulesError):
    """The command was called in a way that can't work: call it again, corrected."""

    exit_code = 2


class PluginError(VipRulesError):
    """A plugin doesn't fit the contract: mend or switch off the plugin."""


class NotInstalled(VipRulesError):
    """A part that is installed on wish is missing: install the extra that the message names."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a JSON document, and how to mend it.

    `pointer` is a JSON pointer (RFC 6901; "" is the whole document). `lint` marks advice: the program is valid all the same.
    """

    file: str
    pointer: str
    message: str
    lint: bool = False

    def __str__(self) -> str:
        return f"{self.file}{'#' + self.pointer if self.pointer else ''}: {self.message}"


class InvalidDocument(VipRulesError):
    """A JSON document (program or cases) with its problems, all of them: mend the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True, order=True)
class Rejection:
    """A row of an input file that can't be used. `line` counts from 1 as an editor does; a Parquet file's rows count from 1."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class InvalidInput(VipRulesError):
    """An input file that can't be read, or has rows that can't be used: mend the file, or choose to skip its bad rows."""

    def __init__(self, message: str, rejections: Sequence[Rejection] = ()) -> None:
        self.rejections = tuple(rejections)
        super().__init__(message)
