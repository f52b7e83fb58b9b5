"""Accounts: customers, and the administrators whom the list leaves out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.woocommerce import meta
from tests.woocommerce.calls import Problem, invalid_parameter, missing_parameter, not_one_of
from tests.woocommerce.listing import Keep, Listing
from tests.woocommerce.resource import Resource
from tests.woocommerce.shelf import Row, Shelf
from tests.woocommerce.state import State
from tests.woocommerce.texts import account_name, is_email

ADDRESS: Final = (
    "first_name",
    "last_name",
    "company",
    "address_1",
    "address_2",
    "city",
    "postcode",
    "country",
    "state",
)
_ROLES: Final = (
    "all",
    "administrator",
    "editor",
    "author",
    "contributor",
    "subscriber",
    "customer",
    "shop_manager",
)


def _name(row: Row, page: int) -> tuple[str, int]:
    return f"{row['first_name']} {row['last_name']}".lower(), row["id"]


def _registered(row: Row, page: int) -> tuple[str, int]:
    # Accounts of one second come in another order on each page: some are told twice, and others never.
    return row["date_created"], (row["id"] * 7919 + page * 104_729) % 10_007


def _filters(query: Mapping[str, str]) -> list[Keep]:
    role = query.get("role", "customer")
    if role not in _ROLES:
        raise not_one_of("role", _ROLES)
    keeps: list[Keep] = [] if role == "all" else [lambda row: row["role"] == role]
    if "email" in query:
        email = query["email"].lower()
        keeps.append(lambda row: row["email"].lower() == email)
    if "search" in query:
        part = query["search"].lower()
        keeps.append(lambda row: part in f"{row['email']} {row['username']} {_name(row, 1)[0]}".lower())
    return keeps


class Customers(Resource):
    """Accounts by id. GET tells of those of any role, the list of customers only. `forgotten` is told of the deleted."""

    path = "customers"
    listing = Listing(
        sorts={
            "id": lambda row, page: row["id"],
            "include": lambda row, page: row["id"],
            "name": _name,
            "registered_date": _registered,
        },
        orderby="name",
        order="asc",
        filters=_filters,
        dated=False,
    )

    def __init__(self, state: State, forgotten: Callable[[int], object]) -> None:
        super().__init__(state, Shelf(state.lock, state.links(self.path), _shown))
        self._forgotten = forgotten

    def blank(self, user_id: int, email: str) -> Row:
        """An account with nothing but an email."""
        face = hashlib.sha256(email.lower().encode()).hexdigest()
        return {
            "id": user_id,
            **self.state.now("date_created"),
            **self.state.now("date_modified"),
            "email": email,
            "first_name": "",
            "last_name": "",
            "role": "customer",
            "username": email.partition("@")[0],
            "billing": {**dict.fromkeys(ADDRESS, ""), "email": "", "phone": ""},
            "shipping": {**dict.fromkeys(ADDRESS, ""), "phone": ""},
            "is_paying_customer": False,
            "avatar_url": f"https://secure.gravatar.com/avatar/{face}?s=96&d=mm&r=g",
            "meta_data": [],
        }

    def find(self, row_id: int, *, status: int = 404) -> Row:
        """An account; 404 whatever is done to an unknown one."""
        row = self.shelf.get(row_id)
        if row is None:
            raise Problem(404, "wc_user_invalid_id", "Invalid user ID.")
        return row

    def create(self, body: Row, *, checked: bool, unique: bool) -> Row:
        """Make a customer; only the email is needed, and a role isn't looked at."""
        email = body.get("email")
        if checked and email is None:
            raise missing_parameter("email")
        if checked and not is_email(email):
            raise Problem(400, "customer_invalid_email", "Invalid email address")
        if not isinstance(email, str) or not is_email(email):
            raise Problem(400, "registration-error-invalid-email", "Please provide a valid email address.")
        if unique and self._taken(email):
            message = f"An account is already registered with {email}. Please log in or use a different email address."
            raise Problem(400, "registration-error-email-exists", message)
        username = body.get("username") or self._username(email)
        if unique and any(row["username"] == username for row in self.shelf):
            message = "An account is already registered with that username. Please choose another."
            raise Problem(400, "registration-error-username-exists", message)
        row = {**self.blank(self.state.users.next(), email), "username": username}
        if "password" not in body:
            row["meta_data"] = [{"id": self.state.meta.next(), "key": "default_password_nag", "value": "1"}]
        row = self.shelf.put(self._with(row, body, checked=checked))
        self.state.happened.append(("customer.created", row["id"]))
        return row

    def update(self, row_id: int, body: Row, *, checked: bool) -> Row:
        """Change an account: `date_modified` moves even if nothing differs."""
        row = self.find(row_id)
        if "username" in body:
            raise Problem(400, "woocommerce_rest_customer_invalid_argument", "Username isn't editable.")
        if "email" in body and body["email"] != row["email"]:
            email = body["email"]
            if checked and email == "":
                raise invalid_parameter("email", "rest_invalid_email", "Invalid email address.")
            if (checked and not is_email(email)) or self._taken(email):
                raise Problem(400, "woocommerce_rest_customer_invalid_email", "Email address is invalid.")
            row = {**row, "email": email if is_email(email) else ""}
        row = self.shelf.put({**self._with(row, body, checked=checked), **self.state.now("date_modified")})
        self.state.happened.append(("customer.updated", row_id))
        return row

    def delete(self, row_id: int, *, force: bool) -> Row:
        """Delete an account; there is no trash for it."""
        self.find(row_id)
        if not force:
            raise Problem(501, "woocommerce_rest_trash_not_supported", "Customers do not support trashing.")
        self.state.happened.append(("customer.deleted", row_id))
        self._forgotten(row_id)
        return self.shelf.remove(row_id)

    def _taken(self, email: object) -> bool:
        wanted = str(email).lower()
        return any(row["email"].lower() == wanted for row in self.shelf)

    def _username(self, email: str) -> str:
        name, taken = email.partition("@")[0], {row["username"] for row in self.shelf}
        return next(one for one in (name, *(f"{name}-{n}" for n in range(2, 10_000))) if one not in taken)

    def _with(self, row: Row, body: Row, *, checked: bool) -> Row:
        row = dict(row)
        for name in ("first_name", "last_name"):
            if name in body:
                row[name] = account_name(body[name])
        for name in ("billing", "shipping"):
            if name in body:
                row[name] = _address(row[name], name, body[name], checked=checked)
        if "meta_data" in body:
            row["meta_data"] = meta.updated(row["meta_data"], body["meta_data"], self.state.meta.next)
        return row


def _address(known: Row, name: str, given: Any, *, checked: bool) -> Row:
    if not isinstance(given, dict):
        if checked:
            message = f"{name} is not of type object."
            raise invalid_parameter(name, "rest_invalid_type", message, {"param": name})
        return known
    email = given.get("email") or ""
    if name == "billing" and email and not is_email(email):
        if checked:
            raise invalid_parameter(name, "rest_invalid_email", "Invalid email address.")
        raise Problem(400, "customer_invalid_billing_email", "Invalid billing email address")
    return {**known, **{key: str(value or "") for key, value in given.items() if key in known}}


def _shown(row: Row) -> Row:
    return {**row, "meta_data": [one for one in row["meta_data"] if not one["key"].startswith("_")]}
