"""A platform's CSV export told as a table with a store's own columns, each row still in its place in the export."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from vip_rules.files.columns import Text
from vip_rules.files.delimited import DelimitedTable
from vip_rules.files.places import Places
from vip_rules.files.reading import Rejects
from vip_rules.files.sheet import LINE, Column, Sheet
from vip_rules.files.tables import Chunk, Progress

Frames = Iterator[pl.DataFrame]

ORDER = "number of the order in the frame"
"""The column by which the rows of one order are told from the next one's."""


def layout(name: str, required: Sequence[str], optional: Sequence[str] = ()) -> Sheet:
    """The columns of a platform's export that a translation uses, as the platform calls them."""
    return Sheet(
        name,
        (
            *(Column(column, Text(), required=True) for column in required),
            *(Column(column, Text()) for column in optional),
        ),
    )


class TranslatedTable:
    """A CSV file of a platform's layout, whose rows are translated. What can't be read at all is rejected as in any CSV file.

    `columns` are those of the translation. `mute` leaves it to another table of the same file to reject the rows that can't be
    read.
    """

    def __init__(
        self,
        path: Path,
        progress: Progress | None,
        layout: Sheet,
        columns: Sequence[str],
        translate: Callable[[Frames], Frames],
        mute: bool = False,
    ) -> None:
        self.columns = columns
        self._path, self._progress = path, progress
        self._layout, self._translate, self._mute = layout, translate, mute

    def chunks(self, sheet: Sheet, rejects: Rejects) -> Iterator[Chunk]:
        """The translated rows. Raises InvalidInput for an unusable header."""
        unreadable = 0

        def frames() -> Frames:
            nonlocal unreadable
            rejected = Rejects(Places((str(self._path),))) if self._mute else rejects
            for chunk in DelimitedTable(self._path, self._progress).chunks(self._layout, rejected):
                unreadable += chunk.read - chunk.frame.height
                yield completed(chunk.frame, self._layout)

        self.columns = [name for name in self.columns if name in sheet.known]
        for frame in self._translate(frames()):
            yield Chunk(frame.select(LINE, *self.columns), frame.height + (0 if self._mute else unreadable))
            unreadable = 0


def raw_frames(paths: Sequence[Path], layout: Sheet) -> Frames:
    """The readable rows of an export's files, untranslated: for what has to be known of all of them beforehand."""
    for path in paths:
        for chunk in DelimitedTable(path).chunks(layout, Rejects(Places((str(path),)))):
            yield completed(chunk.frame, layout)


def completed(frame: pl.DataFrame, layout: Sheet) -> pl.DataFrame:
    """A frame with all columns of its layout, and null for blank values."""
    text = [
        pl.when(pl.col(name) != "").then(pl.col(name)) if name in frame.columns else pl.lit(None, pl.String)
        for name in layout.known
    ]
    return frame.select(LINE, *(each.alias(name) for each, name in zip(text, layout.known, strict=True)))


def whole_orders(frames: Frames, key: str) -> Frames:
    """The rows of an export with a row for each line, so that no order is cut, numbered in ORDER."""
    begun: pl.DataFrame | None = None
    for frame in frames:
        rows = frame if begun is None else pl.concat([begun, frame])
        run = rows[key].rle_id()
        start = int((run == run[-1]).arg_max() or 0) if rows.height else 0
        yield _numbered(rows[:start], key)
        begun = rows[start:]
    if begun is not None:
        yield _numbered(begun, key)


def first_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The first row of each order."""
    return rows.filter(pl.col(ORDER).is_first_distinct())


def status(column: str, names: Mapping[str, str]) -> pl.Expr:
    """A platform's status as a store's. One that isn't known stays, to be rejected, and so is a missing one."""
    word = pl.col(column).str.strip_chars().str.to_lowercase().str.strip_prefix("wc-")
    return word.replace(names).fill_null("(blank)").alias("status")


def refunded(column: str) -> pl.Expr:
    """What was given back, beside the `status`: no figure where an order is refunded, but nothing is said to be given back."""
    nothing = pl.col(column).str.contains(r"^0+(\.0*)?$")
    contrary = (nothing & (pl.col("status") == "refunded")).fill_null(False)
    return pl.when(~contrary).then(pl.col(column)).alias("refunded")


def _numbered(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    return rows.with_columns(pl.col(key).rle_id().alias(ORDER))
