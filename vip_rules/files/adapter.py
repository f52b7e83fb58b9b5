"""A store that is known by exported files alone: they are read as a whole, and effects are written down for people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from vip_rules import adapter
from vip_rules.adapter import Intent, Opening, Outcome, Sight
from vip_rules.errors import InvalidInput
from vip_rules.files.export import OnBadRows, read_history
from vip_rules.files.folder import EXPECTED, Export, find_export
from vip_rules.files.reading import Reading, RejectedRows
from vip_rules.files.telling import pages
from vip_rules.files.worklist import CAPABILITIES, Worklist
from vip_rules.history import History
from vip_rules.model import currency_codes
from vip_rules.store import Page, Shop

TOLD_REJECTIONS: Final = 20
"""Rejected rows that a refusal tells, each with its reason."""


class FilesAdapter(adapter.Adapter):
    """A folder with a store's exported files, and one in which effects are written down.

    Files tell everything, always: there is no reading of what has changed, but files that are the same as at a cursor tell
    nothing. The cursor is on the last page, so an interrupted reading begins anew.
    """

    capabilities = CAPABILITIES
    batch = 1_000

    def __init__(self, opening: Opening, folder: Path, out: Path, on_bad_rows: OnBadRows = "stop") -> None:
        """Raises InvalidInput for a folder that isn't there."""
        if not folder.is_dir():
            raise InvalidInput(
                f"there is no folder {folder}: make it, with the exported files in it; {EXPECTED}"
            )
        if out.resolve() == folder.resolve():
            raise InvalidInput(
                f"{folder} is read, so that effects can't be written there: name another folder as out"
            )
        self._opening, self._folder, self._on_bad_rows = opening, folder, on_bad_rows
        self._worklist = Worklist(out, opening.clock)

    def shop(self) -> Shop:
        """The store, as far as files can tell it: in the program's currency and zone, and of all time."""
        return Shop(currency=self._opening.currency.code, timezone=self._opening.timezone.key)

    def pages(self, cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        """Everything in the files; nothing if it isn't `full` and they are those of the cursor.

        Raises InvalidInput for files that can't be used, with every reason, before anything is told.
        """
        export = find_export(self._folder, self._opening)
        digest = self._digest(export, wanted)
        if cursor == digest and not full:
            yield Page(cursor=digest, notes=(f"{self._folder}: the files are the same as at the last sync.",))
            return
        history, reading = self._read(export, wanted)
        yield from pages(history, self._opening.currency, export.paths)
        rejected = reading.rejections_by_reason() if reading.rejected else ()
        yield Page(cursor=digest, notes=(*reading.summary(), *rejected, *export.notes))

    def carry_out(self, intents: Sequence[Intent]) -> Sequence[Outcome]:
        """Write effects down, all or, where the disk fails, unknown."""
        return self._worklist.write(intents)

    def look(self, intents: Sequence[Intent]) -> Sequence[Sight]:
        """What was written down last under each key."""
        return self._worklist.look(intents)

    def _read(self, export: Export, wanted: frozenset[str]) -> tuple[History, Reading]:
        try:
            return read_history(
                customers=export.customers,
                orders=export.orders,
                lines=export.lines,
                events=export.events,
                currency=self._opening.currency,
                zone=self._opening.timezone,
                rates=self._opening.rates,
                on_bad_rows=self._on_bad_rows,
                wanted=wanted,
            )
        except RejectedRows as refused:
            raise _refusal(self._folder, refused) from None

    def _digest(self, export: Export, wanted: frozenset[str]) -> str:
        """A digest of all that a telling depends on: the files, and how they are read."""
        opening = self._opening
        rates = {code: opening.rates.changes(code, opening.currency.code) for code in currency_codes()}
        setting = [
            *(opening.currency.code, opening.timezone.key, self._on_bad_rows, sorted(wanted)),
            {code: [(day, str(rate)) for day, rate in changes] for code, changes in rates.items() if changes},
        ]
        digest = hashlib.sha256(json.dumps(setting).encode())
        for path in export.paths:
            try:
                with path.open("rb") as file:
                    content = hashlib.file_digest(file, "sha256")
            except OSError as error:
                raise InvalidInput(f"{path} can't be read: {error.strerror}") from None
            digest.update(f"\n{path.name} ".encode() + content.digest())
        return digest.hexdigest()


def _refusal(folder: Path, refused: RejectedRows) -> InvalidInput:
    count = refused.reading.rejected
    told = [str(each) for each in refused.rejections[:TOLD_REJECTIONS]]
    if count > len(told):
        told.append(f"and {count - len(told):,} more")
    what = (
        f"{count:,} row{'' if count == 1 else 's'} of {folder} can't be used and nothing was loaded: mend the files and export "
        'again, or leave such rows out (on_bad_rows = "skip")'
    )
    return InvalidInput("\n".join((f"{what}:", *told)), refused.rejections)
