"""Discounts: automatic ones and codes, percentages and free shipping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.shop.amounts import read_instant
from tests.shop.discountviews import COMBINATIONS, node_view, with_code
from tests.shop.identifiers import number
from tests.shop.projection import Arguments, FieldRefused, Payload, refused
from tests.shop.state import Discount, State

MOST_AUTOMATIC: Final = 25
MOST_TAGS: Final = 5

Resolver = Callable[[State, Arguments], Payload]


def create(automatic: bool, free_shipping: bool) -> Resolver:
    """The mutation that makes a discount."""

    def resolver(state: State, arguments: Arguments) -> Payload:
        name = _input_name(automatic, free_shipping)
        given = arguments[name]
        now = state.now()
        made = Discount(0, automatic, free_shipping, given.get("title") or "", now, now, now)
        for required in ("title", "startsAt"):
            if not given.get(required):
                return refused(f"{required} can't be blank", "BLANK", [name, required])
        error = _change(state, made, given, name)
        if error is not None:
            return error
        made.id, made.indexed_from = state.number(), now + state.index_lag
        state.discounts[made.id] = made
        return _done(state, made)

    return resolver


def update(automatic: bool, free_shipping: bool) -> Resolver:
    """The mutation that changes a discount: what isn't given stays."""

    def resolver(state: State, arguments: Arguments) -> Payload:
        discount = _found(state, arguments["id"], automatic)
        if discount is None or discount.free_shipping != free_shipping:
            return refused("Discount does not exist", "INVALID", ["id"])
        name = _input_name(automatic, free_shipping)
        error = _change(state, discount, arguments[name], name)
        return error or _done(state, discount)

    return resolver


def activate(automatic: bool) -> Resolver:
    """The mutation that lets a discount be valid from now on."""

    def resolver(state: State, arguments: Arguments) -> Payload:
        discount = _found(state, arguments["id"], automatic)
        if discount is None:
            return refused("Discount does not exist", "INVALID", ["id"])
        if automatic and _too_many(state, discount):
            return _overlap(["id"])
        discount.starts_at, discount.ends_at = min(discount.starts_at, state.now()), None
        discount.updated_at = state.now()
        return _done(state, discount)

    return resolver


def deactivate(automatic: bool) -> Resolver:
    """The mutation that ends a discount now."""

    def resolver(state: State, arguments: Arguments) -> Payload:
        discount = _found(state, arguments["id"], automatic)
        if discount is None:
            return refused("Discount does not exist", "INVALID", ["id"])
        if discount.status(state.now()) != "EXPIRED":
            discount.starts_at = min(discount.starts_at, state.now())
            discount.ends_at = discount.updated_at = state.now()
        return _done(state, discount)

    return resolver


def delete(automatic: bool) -> Resolver:
    """The mutation after which a discount isn't there."""

    def resolver(state: State, arguments: Arguments) -> Payload:
        discount = _found(state, arguments["id"], automatic)
        if discount is None:
            return refused("Discount does not exist", "INVALID", ["id"])
        del state.discounts[discount.id]
        return Payload({f"deleted{'Automatic' if automatic else 'Code'}DiscountId": arguments["id"]})

    return resolver


def _change(state: State, discount: Discount, given: Mapping[str, Any], name: str) -> Payload | None:
    error = _invalid(state, discount, given, name)
    if error is not None:
        return error
    starts = read_instant(given["startsAt"]) if given.get("startsAt") else discount.starts_at
    ends = discount.ends_at
    if "endsAt" in given:
        ends = None if given["endsAt"] is None else read_instant(given["endsAt"])
    if ends is not None and ends <= starts:
        message = "Ends at needs to be after starts_at"
        return refused(message, "END_DATE_BEFORE_START_DATE", [name, "endsAt"])
    if discount.automatic and (ends is None or ends > state.now()) and _too_many(state, discount):
        return _overlap([name])
    discount.title = given.get("title") or discount.title
    discount.starts_at, discount.ends_at, discount.updated_at = starts, ends, state.now()
    discount.code = given.get("code") or discount.code
    discount.tags = list(given["tags"]) if given.get("tags") is not None else discount.tags
    discount.combines_with |= {
        key: value for key, value in (given.get("combinesWith") or {}).items() if key in COMBINATIONS
    }
    value = ((given.get("customerGets") or {}).get("value") or {}).get("percentage")
    discount.percentage = discount.percentage if value is None else value
    discount.input |= given
    if given.get("context") is not None:
        _limit(discount, given["context"])
    return None


def _invalid(state: State, discount: Discount, given: Mapping[str, Any], name: str) -> Payload | None:
    context = given.get("context")
    if context is not None and len([key for key, value in context.items() if value is not None]) != 1:
        raise FieldRefused("Exactly one field of context must be given.", "INVALID_VARIABLE", whole=True)
    if len(given.get("tags") or ()) > MOST_TAGS:
        message = f"Tags cannot exceed {MOST_TAGS} per discount"
        return refused(message, "TOO_MANY_TAGS", [name, "tags"])
    other = with_code(state, given["code"]) if given.get("code") else None
    if other is not None and other is not discount:
        message = "Code must be unique. Please try a different code."
        return refused(message, "TAKEN", [name, "code"])
    if not discount.automatic and not (given.get("code") or discount.code):
        return refused("Code can't be blank", "BLANK", [name, "code"])
    percentage = ((given.get("customerGets") or {}).get("value") or {}).get("percentage")
    if percentage is not None and not 0 < percentage <= 1:
        message = "Value must be between 0.0 and 1.0"
        return refused(message, "VALUE_OUTSIDE_RANGE", [name, "customerGets", "value", "percentage"])
    for text in ((context or {}).get("customerSegments") or {}).get("add") or ():
        if number(text, "Segment") not in state.segments:
            return refused("Customer segment does not exist", "INVALID", [name, "context"])
    for text in ((context or {}).get("customers") or {}).get("add") or ():
        if number(text, "Customer") not in state.customers:
            return refused("Customer does not exist", "INVALID", [name, "context"])
    return None


def _limit(discount: Discount, context: Mapping[str, Any]) -> None:
    segments = _delta(discount.segments, context.get("customerSegments"), "Segment")
    customers = _delta(discount.customers, context.get("customers"), "Customer")
    discount.segments = segments if context.get("customerSegments") is not None else None
    discount.customers = customers if context.get("customers") is not None else None


def _delta(before: list[int] | None, change: Mapping[str, Any] | None, typename: str) -> list[int]:
    change = change or {}
    gone = {number(text, typename) for text in change.get("remove") or ()}
    kept = [one for one in before or () if one not in gone]
    return kept + [
        one for text in change.get("add") or () if (one := number(text, typename)) and one not in kept
    ]


def _too_many(state: State, discount: Discount) -> bool:
    now = state.now()
    others = [
        other
        for other in state.discounts.values()
        if other.automatic and other is not discount and other.status(now) != "EXPIRED"
    ]
    return len(others) >= MOST_AUTOMATIC


def _overlap(path: list[str]) -> Payload:
    message = f"Too many automatic discounts are active: the limit is {MOST_AUTOMATIC}"
    return refused(message, "ACTIVE_PERIOD_OVERLAP", path)


def _found(state: State, identifier: object, automatic: bool) -> Discount | None:
    kind = "Automatic" if automatic else "Code"
    discount = state.discounts.get(number(identifier, f"Discount{kind}Node", "DiscountNode") or 0)
    return discount if discount is not None and discount.automatic == automatic else None


def _done(state: State, discount: Discount) -> Payload:
    name = "automaticDiscountNode" if discount.automatic else "codeDiscountNode"
    return Payload({name: node_view(state, discount)})


def _input_name(automatic: bool, free_shipping: bool) -> str:
    if free_shipping:
        return f"freeShipping{'Automatic' if automatic else 'Code'}Discount"
    return "automaticBasicDiscount" if automatic else "basicCodeDiscount"
