"""What rows are to each other: the same customer or order again, and references from one file to another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from vip_rules.files.reading import LONGEST_LIST
from vip_rules.files.reasons import Reason, shown
from vip_rules.files.sheet import LINE
from vip_rules.files.sifting import Sifted


def reject_repeats(sifted: Sifted, key: str, noun: str) -> None:
    """Leaves one row for each key.

    Of rows that say the same the first stays. Where they differ all are rejected, since nobody can know which is right;
    so are rows with the key of one that was rejected before.
    """
    if sifted.spoiled.height:
        firsts = sifted.spoiled.group_by(key).agg(pl.col(LINE).min().alias("other"))
        touched = sifted.rows.join(firsts.lazy(), on=key, how="inner").select(LINE, key, "other")
        _reject_conflicts(sifted, touched.collect(engine="streaming"), key)
    if _all_distinct(sifted.rows, key):
        return
    repeated = (
        sifted.rows.group_by(key)
        .agg(pl.len().alias("rows"))
        .filter(pl.col("rows") > 1)
        .collect(engine="streaming")
    )
    again = sifted.rows.join(repeated.lazy().select(key), on=key, how="semi").collect(engine="streaming")
    content = pl.struct(pl.exclude(LINE, key)).n_unique().over(key)
    place = pl.col(LINE)
    again = again.select(
        LINE,
        key,
        same=content == 1,
        first=place.min().over(key),
        second=place.sort().slice(1, 1).first().over(key),
    )
    copies = again.filter(pl.col("same") & (pl.col(LINE) > pl.col("first"))).sort(LINE)
    sifted.reject(
        copies,
        (
            (
                line,
                Reason(
                    f"the same {noun} again (first on {sifted.places.told(first)})", f"the same {noun} again"
                ),
            )
            for line, first in copies.select(LINE, "first").head(LONGEST_LIST).iter_rows()
        ),
    )
    other = pl.when(place == pl.col("first")).then("second").otherwise("first")
    _reject_conflicts(sifted, again.filter(~pl.col("same")).select(LINE, key, other.alias("other")), key)


def _reject_conflicts(sifted: Sifted, conflicts: pl.DataFrame, key: str) -> None:
    conflicts = conflicts.sort(LINE)
    sifted.spoiled = pl.concat([sifted.spoiled, conflicts.select(LINE, key)])
    sifted.reject(
        conflicts,
        (
            (
                line,
                Reason(
                    f"{key} {shown(name)} is also on {sifted.places.told(other)} with other content; "
                    "nobody can know which is right",
                    f"{key} is on several lines with other content; nobody can know which is right",
                ),
            )
            for line, name, other in conflicts.head(LONGEST_LIST).iter_rows()
        ),
    )


def _all_distinct(rows: pl.LazyFrame, key: str) -> bool:
    """Whether no key comes twice; files are often sorted by it, which is seen at a glance."""
    column = pl.col(key)
    if rows.select((column > column.shift()).all()).collect(engine="streaming").item():
        return True
    found = rows.select(pl.len().alias("rows"), column.hash().n_unique().alias("keys")).collect(
        engine="streaming"
    )
    return bool((found["rows"] == found["keys"]).all())


@dataclass(frozen=True, slots=True)
class Referred:
    """What a reference can point to: the ids that were accepted, those left out with reason, and those rejected."""

    file: str
    noun: str
    accepted: pl.LazyFrame
    left: pl.LazyFrame
    spoiled: pl.LazyFrame


def follow(sifted: Sifted, key: str, referred: Referred) -> pl.DataFrame:
    """Rejects the rows that refer to nothing, and lets those go whose reference was left out.

    Returns the rows that refer to nobody (null), which the caller decides on: LINE and the other columns of `spoiled`.
    """
    kept = {LINE, key, *sifted.spoiled.columns}
    missing = sifted.rows.select(sorted(kept)).join(referred.accepted.select(key), on=key, how="anti")
    if not missing.select(pl.len()).collect(engine="streaming").item():
        return missing.head(0).collect()
    found = missing.collect(engine="streaming").sort(LINE)
    nobody = found.filter(pl.col(key).is_null())
    found = found.filter(pl.col(key).is_not_null())
    left = found.lazy().join(referred.left.select(key), on=key, how="semi").collect(engine="streaming")
    sifted.leave(left)
    wrong = found.join(left.select(LINE), on=LINE, how="anti")
    spoiled = referred.spoiled.select(key).unique().with_columns(spoiled=True)
    lost = wrong.lazy().join(spoiled, on=key, how="left").collect().sort(LINE)
    sifted.spoiled = pl.concat([sifted.spoiled, lost.select(sifted.spoiled.columns)])
    sifted.reject(lost, _lost_reasons(lost.head(LONGEST_LIST), key, referred))
    return nobody


def _lost_reasons(lost: pl.DataFrame, key: str, referred: Referred) -> Iterator[tuple[int, Reason]]:
    for line, name, spoiled in lost.select(LINE, key, "spoiled").iter_rows():
        if spoiled:
            yield line, Reason.of(f"{key} {{}} is of a row of {referred.file} that was rejected", name)
        else:
            space = ", and begins or ends with a space" if name != name.strip() else ""
            yield line, Reason.of(f"{key} {{}} is no {referred.noun} of {referred.file}{space}", name)
