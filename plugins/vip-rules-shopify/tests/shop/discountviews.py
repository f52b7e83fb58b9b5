"""Discounts as GraphQL shows them, and how they are searched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tests.shop.amounts import instant, minor, money
from tests.shop.identifiers import gid, number
from tests.shop.listing import listing
from tests.shop.projection import Arguments, Connection, Fields
from tests.shop.search import Index, Instant, Number, Text
from tests.shop.segments import segment_view
from tests.shop.state import Discount, State

COMBINATIONS: Final = ("orderDiscounts", "productDiscounts", "shippingDiscounts")


def typename_of(discount: Discount) -> str:
    """The type of its content: DiscountAutomaticBasic and so on."""
    return f"Discount{_method(discount)}{'FreeShipping' if discount.free_shipping else 'Basic'}"


def index(state: State) -> Index:
    """How discounts are searched."""
    return Index(
        {
            "id": Number(lambda discount: discount.id),
            "code": Text(lambda discount: discount.code),
            "discount_type": Text(lambda discount: "percentage"),
            "method": Text(lambda discount: "automatic" if discount.automatic else "code"),
            "segment_ids": Text(lambda discount: [str(number) for number in discount.segments or ()]),
            "customer_ids": Text(lambda discount: [str(number) for number in discount.customers or ()]),
            "status": Text(lambda discount: discount.status(state.now())),
            "tag": Text(lambda discount: discount.tags),
            "title": Text(lambda discount: discount.title),
            "type": Text(lambda discount: "free_shipping" if discount.free_shipping else "percentage"),
            "created_at": Instant(lambda discount: discount.created_at),
            "ends_at": Instant(lambda discount: discount.ends_at),
            "starts_at": Instant(lambda discount: discount.starts_at),
            "updated_at": Instant(lambda discount: discount.updated_at),
        },
        lambda discount: f"{discount.title} {discount.code or ''}",
    )


def discounts_listing(
    state: State, found: Iterable[Discount], typename: str, content: str, arguments: Arguments
) -> Connection:
    """Some discounts as nodes of a type, whose content is under a name."""
    sorts = {
        "CREATED_AT": lambda discount: discount.created_at,
        "STARTS_AT": lambda discount: discount.starts_at,
        "TITLE": lambda discount: discount.title,
        "UPDATED_AT": lambda discount: discount.updated_at,
    }

    def view(discount: Discount) -> Fields:
        return node_view(state, discount, typename, content)

    return listing(state, typename, found, view, index(state), arguments, sorts)


def node_view(
    state: State, discount: Discount, typename: str | None = None, content: str | None = None
) -> Fields:
    """The node of a discount: DiscountAutomaticNode or DiscountCodeNode, or the DiscountNode of both."""
    own = f"Discount{_method(discount)}Node"
    name = "automaticDiscount" if discount.automatic else "codeDiscount"
    return {
        "__typename": typename or own,
        "id": gid(own, discount.id),
        content or name: lambda _: content_view(state, discount),
    }


def content_view(state: State, discount: Discount) -> Fields:
    """What the discount is."""
    combined = {name: discount.combines_with.get(name, False) for name in COMBINATIONS}
    return {
        "__typename": typename_of(discount),
        "title": discount.title,
        "status": discount.status(state.now()),
        "summary": discount.title,
        "shortSummary": discount.title,
        "startsAt": instant(discount.starts_at),
        "endsAt": instant(discount.ends_at),
        "createdAt": instant(discount.created_at),
        "updatedAt": instant(discount.updated_at),
        "tags": list(discount.tags),
        "discountClasses": ["SHIPPING"] if discount.free_shipping else ["ORDER"],
        "asyncUsageCount": 0,
        "minimumRequirement": None,
        "combinesWith": {"__typename": "DiscountCombinesWith", **combined},
        "context": _context(state, discount),
        **(_of_shipping(state, discount) if discount.free_shipping else _of_goods(discount)),
        **({} if discount.automatic else _of_code(discount)),
    }


def by_code(state: State, arguments: Arguments) -> Fields | None:
    """The node of a code."""
    discount = with_code(state, arguments["code"])
    return None if discount is None else node_view(state, discount)


def node(state: State, identifier: object, typename: str, content: str) -> Fields | None:
    """A discount as one type of node."""
    discount = state.discounts.get(
        number(identifier, "DiscountNode", "DiscountAutomaticNode", "DiscountCodeNode") or 0
    )
    fits = discount is not None and typename in {"DiscountNode", f"Discount{_method(discount)}Node"}
    return node_view(state, discount, typename, content) if discount is not None and fits else None


def with_code(state: State, code: str) -> Discount | None:
    """The discount of a code, whatever its case."""
    wanted = code.casefold()
    found = (one for one in state.discounts.values() if one.code and one.code.casefold() == wanted)
    return next(found, None)


def _method(discount: Discount) -> str:
    return "Automatic" if discount.automatic else "Code"


def _context(state: State, discount: Discount) -> Fields:
    if discount.segments is not None:
        segments = [state.segments[one] for one in discount.segments if one in state.segments]
        return {
            "__typename": "DiscountCustomerSegments",
            "segments": [segment_view(segment) for segment in segments],
        }
    if discount.customers is not None:
        from tests.shop.customers import customer_view  # customers know nothing of discounts

        customers = [state.customers[one] for one in discount.customers if one in state.customers]
        return {
            "__typename": "DiscountCustomers",
            "customers": [customer_view(state, customer) for customer in customers],
        }
    return {"__typename": "DiscountBuyerSelectionAll", "all": "ALL"}


def _of_goods(discount: Discount) -> Fields:
    return {
        "customerGets": {
            "__typename": "DiscountCustomerGets",
            "appliesOnOneTimePurchase": True,
            "appliesOnSubscription": False,
            "items": {"__typename": "AllDiscountItems", "allItems": True},
            "value": {"__typename": "DiscountPercentage", "percentage": discount.percentage},
        }
    }


def _of_shipping(state: State, discount: Discount) -> Fields:
    highest = discount.input.get("maximumShippingPrice")
    price = None if highest is None else money(minor(highest, state.currency), state.currency)
    return {
        "appliesOnOneTimePurchase": True,
        "appliesOnSubscription": False,
        "destinationSelection": {"__typename": "DiscountCountryAll", "allCountries": True},
        "maximumShippingPrice": price,
    }


def _of_code(discount: Discount) -> Fields:
    code = {
        "__typename": "DiscountRedeemCode",
        "id": gid("DiscountRedeemCode", discount.id),
        "code": discount.code,
        "asyncUsageCount": 0,
    }
    return {
        "codes": Connection("DiscountRedeemCode", [code], dict),
        "codesCount": {"__typename": "Count", "count": 1, "precision": "EXACT"},
        "appliesOncePerCustomer": bool(discount.input.get("appliesOncePerCustomer")),
        "usageLimit": discount.input.get("usageLimit"),
    }
