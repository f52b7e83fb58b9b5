"""Notes on orders, for the shop's people: each is added once, however often it is sent."""

from __future__ import annotations

from html import escape
from typing import Any

from vip_rules.adapter import Unknown

from vip_rules_woocommerce.effects.outcomes import Row, Stopped, done
from vip_rules_woocommerce.rest.answers import NotDone
from vip_rules_woocommerce.rest.client import Rest


def note(rest: Rest, order_id: int, text: str, *, key: str) -> int:
    """Add a private note with its key to an order, unless it has one; gives the note's id.

    A note that is in doubt is found by its key the next time, and doubles made meanwhile are deleted. Raises Stopped, and
    PlatformFailed where the order can't be read (Absent if there is none).
    """
    mark = f"[{key}]"
    path = f"orders/{order_id}/notes"
    if not _with(rest, path, mark):
        done(rest.post(path, {"note": f"{escape(text, quote=False)} {escape(mark, quote=False)}"}))
    found = sorted(_with(rest, path, mark), key=_id)
    if not found:
        raise Stopped(Unknown(f"{rest.host} doesn't list the note that was just added to order {order_id}"))
    kept, *doubles = found
    for double in doubles:
        answer = rest.delete(f"{path}/{_id(double)}", force=True)
        if not (isinstance(answer, NotDone) and answer.absent):
            done(answer)
    return _id(kept)


def _with(rest: Rest, path: str, mark: str) -> list[Row]:
    """An order's notes with a mark."""
    told: Any = rest.get(path)
    notes = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    return [each for each in notes if escape(mark, quote=False) in str(each.get("note"))]


def _id(row: Row) -> int:
    return int(row["id"])
