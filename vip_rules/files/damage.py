"""Damage in Parquet files: it comes to light whenever rows are read, and always ends as a message, never as a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from vip_rules.errors import InvalidInput


@contextmanager
def reading_of(*files: Path | None) -> Iterator[None]:
    """Whatever is computed from some files' lazy frames. Raises InvalidInput if one of them turns out to be damaged.

    Only Parquet is read again whenever it's needed: without such a file among them, nothing is taken for damage.
    """
    suspects = [str(file) for file in files if file is not None and file.suffix.lower() == ".parquet"]
    if not suspects:
        yield
        return
    try:
        yield
    except BrokenPipeError:
        # Whoever reads our output has gone; that says nothing about the files.
        raise
    # A panic of Polars, which damaged bytes can cause, is a BaseException.
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        what = str(error).partition("\n")[0]
        raise InvalidInput(
            f"{' or '.join(suspects)} can't be read as Parquet: {what}; export the file again"
        ) from None
