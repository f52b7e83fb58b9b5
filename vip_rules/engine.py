"""Engines: where the frames are computed. Polars is embedded; others are installed on wish and give the same answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from vip_rules.errors import NotInstalled, UsageError

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine: `take` makes a lazy frame of its own of a Polars frame, or of a native one of its kind."""

    name: str
    package: str
    take: Callable[[Any], nw.LazyFrame[Any]]

    def collect(self, frame: nw.LazyFrame[Any], *, small: bool = False) -> pl.DataFrame:
        """The rows of a frame, as Polars holds them. `small` says that it is about few rows, and no files."""
        import polars as pl

        native = frame.to_native()
        if isinstance(native, pl.LazyFrame):
            # Streaming takes little memory, and milliseconds to start.
            return native.collect(engine="in-memory" if small else "streaming")
        collected: pl.DataFrame = frame.collect("polars").to_native()
        return collected


def engine_named(name: str) -> Engine:
    """An engine by its name. Raises NotInstalled with what to do, UsageError for a name that isn't known."""
    if name in PLANNED:
        raise NotInstalled(
            f"the engine {name} is not installed: no release has it yet; take {' or '.join(ENGINES)}"
        )
    if name not in ENGINES:
        raise UsageError(f'there is no engine "{name}": expected {" or ".join(ENGINES)}')
    engine = ENGINES[name]
    if find_spec(engine.package) is None:
        raise NotInstalled(f'the engine {name} is not installed: run pip install "vip-rules[{name}]"')
    return engine


def _take_polars(native: Any) -> nw.LazyFrame[Any]:
    frame: nw.LazyFrame[Any] = nw.from_native(native).lazy()
    return frame


def _take_duckdb(native: Any) -> nw.LazyFrame[Any]:
    import duckdb
    import polars as pl

    if isinstance(native, pl.LazyFrame):
        native = native.collect(engine="streaming")
    if isinstance(native, pl.DataFrame):
        native = duckdb.from_arrow(native.to_arrow())
    frame: nw.LazyFrame[Any] = nw.from_native(native)
    return frame


ENGINES: Final = {
    "polars": Engine("polars", "polars", _take_polars),
    "duckdb": Engine("duckdb", "duckdb", _take_duckdb),
}

PLANNED: Final = ("pyspark",)
"""Engines that the command line knows already."""
