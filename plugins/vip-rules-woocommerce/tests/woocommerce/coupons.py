"""Coupons: their codes in small letters, whom they are for, and what they were used for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from tests.woocommerce import meta, moments
from tests.woocommerce.calls import Answer, Call, Problem, missing_parameter, not_one_of
from tests.woocommerce.listing import Keep, Listing
from tests.woocommerce.resource import Resource
from tests.woocommerce.shelf import Row
from tests.woocommerce.texts import restriction

TYPES: Final = ("percent", "fixed_cart", "fixed_product")
_MONEY: Final = ("amount", "minimum_amount", "maximum_amount")
_FLAGS: Final = ("individual_use", "free_shipping", "exclude_sale_items")
_LIMITS: Final = ("usage_limit", "usage_limit_per_user", "limit_usage_to_x_items")
_LISTS: Final = ("product_ids", "excluded_product_ids", "product_categories", "excluded_product_categories")


def _filters(query: Mapping[str, str]) -> list[Keep]:
    keeps: list[Keep] = [lambda row: row["status"] != "trash"]
    if "search" in query:
        part = query["search"].lower()
        keeps.append(lambda row: part in row["code"] or part in row["description"].lower())
    return keeps


class Coupons(Resource):
    """Coupons by id."""

    path = "coupons"
    listing = Listing(
        sorts={
            "date": lambda row, page: (row["date_created_gmt"], row["id"]),
            "id": lambda row, page: row["id"],
            "include": lambda row, page: row["id"],
            "title": lambda row, page: (row["code"], row["id"]),
            "slug": lambda row, page: (row["code"], row["id"]),
            "modified": lambda row, page: (row["date_modified_gmt"], row["id"]),
        },
        orderby="date",
        order="desc",
        filters=_filters,
    )

    def listed(self, call: Call) -> Answer:
        """Answer with a page; asked for a code, with one coupon of it at most, however many there are."""
        if "code" not in call.query:
            return super().listed(call)
        row = self.by_code(call.query["code"])
        query = {**call.query, "include": str(row["id"] if row else 0)}
        return super().listed(replace(call, query=query))

    def find(self, row_id: int, *, status: int = 404) -> Row:
        """A coupon, also in the trash."""
        row = self.shelf.get(row_id)
        if row is None:
            message = "Invalid ID." if status == 404 else "ID is invalid."
            raise Problem(status, "woocommerce_rest_shop_coupon_invalid_id", message)
        return row

    def by_code(self, code: str) -> Row | None:
        """The coupon of a code: of several, the one made last."""
        rows = [row for row in self.shelf if row["code"] == code.lower() and row["status"] == "publish"]
        return max(rows, key=lambda row: int(row["id"]), default=None)

    def create(self, body: Row, *, checked: bool, unique: bool) -> Row:
        """Make a coupon. A code is taken while a coupon out of the trash has it."""
        if not body.get("code"):
            raise missing_parameter("code")
        coupon_id = self.state.posts.last + 1
        row: Row = {
            "id": coupon_id,
            "code": "",
            "amount": "0.00",
            "status": "publish",
            **self.state.now("date_created"),
            **self.state.now("date_modified"),
            "discount_type": "fixed_cart",
            "description": "",
            **self.state.moment("date_expires", None),
            "usage_count": 0,
            "individual_use": False,
            "product_ids": [],
            "excluded_product_ids": [],
            "usage_limit": None,
            "usage_limit_per_user": None,
            "limit_usage_to_x_items": None,
            "free_shipping": False,
            "product_categories": [],
            "excluded_product_categories": [],
            "exclude_sale_items": False,
            "minimum_amount": "0.00",
            "maximum_amount": "0.00",
            "email_restrictions": [],
            "used_by": [],
            "meta_data": [],
        }
        row = self._with(row, body, checked=checked, unique=unique)
        self.state.posts.next()
        self.state.happened.append(("coupon.created", coupon_id))
        return self.shelf.put(row)

    def update(self, row_id: int, body: Row, *, checked: bool) -> Row:
        """Change a coupon."""
        row = self._with(self.find(row_id, status=400), body, checked=checked, unique=True)
        self.state.happened.append(("coupon.updated", row_id))
        return self.shelf.put({**row, **self.state.now("date_modified")})

    def delete(self, row_id: int, *, force: bool) -> Row:
        """Trash a coupon, which frees its code; or delete it, of which no webhook tells."""
        row = self.find(row_id)
        if force:
            return self.shelf.remove(row_id)
        if row["status"] == "trash":
            raise Problem(
                410, "woocommerce_rest_already_trashed", "The shop_coupon has already been deleted."
            )
        self.shelf.change(row_id, status="trash", **self.state.now("date_modified"))
        self.state.happened.append(("coupon.deleted", row_id))
        return row

    def used(self, row_id: int, by: str) -> None:
        """Count a use, by an account's id or a guest's email."""
        row = self.shelf[row_id]
        self.shelf.change(row_id, usage_count=row["usage_count"] + 1, used_by=[*row["used_by"], by])

    def usable(self, row: Row, emails: Iterable[str], user_id: int | None = None) -> bool:
        """Whether somebody with these addresses (the account's, the one for the bill) may use a coupon at the checkout."""
        addresses = {email.lower() for email in emails}
        by = {*addresses, str(user_id)}
        return (
            self.live(row)
            and (row["usage_limit_per_user"] is None or _uses(row, by) < row["usage_limit_per_user"])
            and (not row["email_restrictions"] or any(_allowed(row, address) for address in addresses))
        )

    def live(self, row: Row) -> bool:
        """Whether a coupon is good for anybody at all: published, not expired, not used up."""
        expires = row["date_expires_gmt"]
        return (
            row["status"] == "publish"
            and (expires is None or expires > moments.gmt(self.state.clock()))
            and (row["usage_limit"] is None or row["usage_count"] < row["usage_limit"])
        )

    def _with(self, row: Row, body: Row, *, checked: bool, unique: bool) -> Row:
        row = dict(row)
        kind = body.get("discount_type", row["discount_type"])
        if kind not in TYPES:
            raise not_one_of("discount_type", TYPES)
        row["discount_type"] = kind
        if body.get("code"):
            row["code"] = str(body["code"]).strip().lower()
            if unique and any(
                one["code"] == row["code"] and one["id"] != row["id"] and one["status"] != "trash"
                for one in self.shelf
            ):
                raise Problem(
                    400, "woocommerce_rest_coupon_code_already_exists", "The coupon code already exists"
                )
        row |= {name: _money(body[name]) for name in _MONEY if body.get(name) is not None}
        if kind == "percent" and Decimal(row["amount"]) > 100:
            raise Problem(400, "coupon_invalid_amount", "Invalid discount amount.")
        row |= {name: moments.truth(body[name]) for name in _FLAGS if name in body}
        row |= {name: int(body[name] or 0) or None for name in _LIMITS if name in body}
        row |= {name: [int(one) for one in body[name] or []] for name in _LISTS if name in body}
        row |= {name: str(body[name]) for name in ("description", "status") if body.get(name) is not None}
        if "email_restrictions" in body:
            given = map(restriction, body["email_restrictions"] or [])
            row["email_restrictions"] = list(dict.fromkeys(one for one in given if one))
        if "meta_data" in body:
            row["meta_data"] = meta.updated(row["meta_data"], body["meta_data"], self.state.meta.next)
        return row | self._expiry(body)

    def _expiry(self, body: Row) -> Row:
        for name, zone in (("date_expires_gmt", moments.UTC_ZONE), ("date_expires", self.state.zone)):
            if body.get(name) is not None:
                text = str(body[name])
                return self.state.moment("date_expires", moments.read(text, zone) if text else None)
        return {}


def _money(value: Any) -> str:
    try:
        return f"{Decimal(str(value).replace(',', '') or 0):.2f}"
    except InvalidOperation:
        return "0.00"


def _uses(row: Row, by: set[str]) -> int:
    return sum(one.lower() in by for one in row["used_by"])


def _allowed(row: Row, address: str) -> bool:
    """Whether an address is one of a coupon's, or fits one of them as a pattern: not only * has a meaning there."""
    given: list[str] = row["email_restrictions"]
    return address in given or any(_fits(one.replace("*", "(.+)?"), address) for one in given)


def _fits(pattern: str, address: str) -> bool:
    try:
        return re.fullmatch(pattern, address) is not None
    except re.error:
        return False
