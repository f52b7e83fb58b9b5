"""Lists: what is in them, in which order, a page at a time, with the totals and links in the headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from tests.woocommerce.calls import Answer, Call, invalid_parameter, not_one_of
from tests.woocommerce.moments import bound, truth
from tests.woocommerce.shelf import Row, Shelf, rendered

Keep = Callable[[Row], bool]
_SHAPE: Final = frozenset({"_fields", "page", "per_page", "offset"})
_BOUNDS: Final = {
    "modified_after": "date_modified_gmt",
    "modified_before": "date_modified_gmt",
    "after": "date_created_gmt",
    "before": "date_created_gmt",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How a kind of records is listed. `sorts` gives the key of each `orderby`, from a record and the page asked for.

    `filters` makes of a query what is kept. `dated`: the filters by dates are known; else they are ignored without a word.
    `extra` is what links repeat though nobody sent it. `forgetful`: behind the last page the totals are said to be 0.
    """

    sorts: Mapping[str, Callable[[Row, int], Any]]
    orderby: str
    order: str
    filters: Callable[[Mapping[str, str]], list[Keep]]
    dated: bool = True
    extra: str = ""
    forgetful: bool = False

    def answer(self, shelf: Shelf, call: Call, url: str, zone: ZoneInfo) -> Answer:
        """A page. Raises Problem for arguments that aren't as declared."""
        query = call.query
        page = _integer(query, "page", 1, None)
        per_page = _integer(query, "per_page", 10, 100)
        found = shelf.found(
            (page if query.get("orderby") == "registered_date" else 0, *_asked(query)),
            lambda: self._find(shelf, query, page, zone),
        )
        start = int(query["offset"]) if query.get("offset") else (page - 1) * per_page
        total, pages = len(found), -(-len(found) // per_page)
        if start >= total and self.forgetful:
            total = pages = 0
        headers = {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
        links = []
        if page > 1:
            links.append(f'<{_linked(url, query, min(page - 1, pages), self.extra)}>; rel="prev"')
        if page < pages:
            links.append(f'<{_linked(url, query, page + 1, self.extra)}>; rel="next"')
        if links:
            headers["Link"] = ", ".join(links)
        shown = found[start : start + per_page]
        if "_fields" in query:
            wanted = query["_fields"].split(",")
            body = f"[{','.join(rendered(picked(shelf.shown(shelf[row_id]), wanted)) for row_id in shown)}]"
        else:
            body = f"[{','.join(map(shelf.json, shown))}]"
        return Answer(ready=body, headers=headers)

    def _find(self, shelf: Shelf, query: Mapping[str, str], page: int, zone: ZoneInfo) -> list[int]:
        keeps = [*self.filters(query), *_including(query)]
        if self.dated:
            keeps += _dates(query, zone)
        orderby, order = query.get("orderby", self.orderby), query.get("order", self.order)
        if orderby not in self.sorts:
            raise not_one_of("orderby", tuple(self.sorts))
        if order not in {"asc", "desc"}:
            raise not_one_of("order", ("asc", "desc"))
        rows = [row for row in shelf if all(keep(row) for keep in keeps)]
        sort = self.sorts[orderby]
        rows.sort(key=lambda row: sort(row, page), reverse=order == "desc")
        return [row["id"] for row in rows]


def picked(shown: Row, wanted: list[str]) -> Row:
    """Some fields of a record, a field in another as `billing.email`."""
    result: Row = {}
    for field in wanted:
        name, dot, inner = field.strip().partition(".")
        if name not in shown:
            continue
        if not dot:
            result[name] = shown[name]
        elif isinstance(shown[name], dict) and inner in shown[name]:
            result.setdefault(name, {})[inner] = shown[name][inner]
    return result


def ids(text: str) -> set[int]:
    """The ids of a comma-separated list."""
    return {int(one) for one in text.split(",") if one.strip().isdigit()}


def _asked(query: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(item for item in query.items() if item[0] not in _SHAPE)


def _integer(query: Mapping[str, str], name: str, default: int, most: int | None) -> int:
    text = query.get(name, str(default))
    if not text.lstrip("-").isdigit():
        raise invalid_parameter(name, "rest_invalid_type", f"{name} is not of type integer.", {"param": name})
    value = int(text)
    if most is not None and not 1 <= value <= most:
        message = f"{name} must be between 1 (inclusive) and {most} (inclusive)"
        raise invalid_parameter(name, "rest_out_of_bounds", message)
    if value < 1:
        raise invalid_parameter(name, "rest_out_of_bounds", f"{name} must be greater than or equal to 1")
    return value


def _including(query: Mapping[str, str]) -> list[Keep]:
    keeps: list[Keep] = []
    if query.get("include"):
        included = ids(query["include"])
        keeps.append(lambda row: row["id"] in included)
    if query.get("exclude"):
        excluded = ids(query["exclude"])
        keeps.append(lambda row: row["id"] not in excluded)
    return keeps


def _dates(query: Mapping[str, str], zone: ZoneInfo) -> list[Keep]:
    keeps: list[Keep] = []
    for name, field in _BOUNDS.items():
        if name in query:
            limit = bound(name, query[name], gmt_wanted=truth(query.get("dates_are_gmt")), zone=zone)
            if limit is not None:
                keeps.append(_later(field, limit) if name.endswith("after") else _earlier(field, limit))
    return keeps


def _later(field: str, limit: str) -> Keep:
    return lambda row: (row[field] or "") > limit


def _earlier(field: str, limit: str) -> Keep:
    return lambda row: bool(row[field]) and row[field] < limit


def _linked(url: str, query: Mapping[str, str], page: int, extra: str) -> str:
    given = {**query, "page": str(page)}
    if "page" in query or not extra:
        text = urlencode(given, quote_via=quote)
        return f"{url}?{text}&{extra}" if extra else f"{url}?{text}"
    del given["page"]
    return f"{url}?{urlencode(given, quote_via=quote)}{'&' if given else ''}{extra}&page={page}"
