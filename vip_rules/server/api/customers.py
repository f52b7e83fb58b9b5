"""Customers: their accounts for operators, and for each customer what is their own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import quote

from vip_rules.errors import VipRulesError
from vip_rules.explanation import UnknownCustomer
from vip_rules.localdays import day_date, day_number
from vip_rules.operations.account import HORIZON, Account, account_of
from vip_rules.operations.people import NotThere, present_person
from vip_rules.outlook import Lack
from vip_rules.server.api.operation import (
    ANYTHING,
    CUSTOMER,
    DAY,
    INSTANT,
    SHOP,
    TEXT,
    Asked,
    Operation,
    Parameter,
    listing,
    maybe,
    record,
)
from vip_rules.server.api.problems import Refused
from vip_rules.server.api.tokens import links_of
from vip_rules.tiers import Tier

DEFAULT_HOURS: Final = 24
MOST_HOURS: Final = 24 * 366
"""For how long a link can last."""


class TooFar(VipRulesError):
    """A day that is farther ahead than anybody looks: name an earlier one."""


def account(asked: Asked) -> dict[str, Any]:
    """What `vip-rules explain --json` says."""
    return _account(asked, asked.path["id"], asked.query.get("as_of")).record()


def link(asked: Asked) -> dict[str, Any]:
    """A token for a customer, and the path at which it shows their standing."""
    project, customer = asked.project, asked.path["id"]
    links = links_of(project)
    if links is None:
        raise Refused(
            403, "this shop gives no links: set [server] links_env or links_file in its configuration"
        )
    with project.database.reading() as connection:
        present_person(connection, project.shop, customer)
    token, until = links.make(customer, timedelta(hours=asked.body.get("hours", DEFAULT_HOURS)))
    path = f"/api/{quote(project.config.shop, safe='')}/me?token={token}"
    return {"token": token, "path": path, "expires_at": until.isoformat()}


def own(asked: Asked) -> dict[str, Any]:
    """What a customer may know of themselves."""
    try:
        found = _account(asked, asked.customer or "", None)
    except (UnknownCustomer, NotThere):
        raise Refused(404, "nobody is known any more by this link") from None
    outlook, currency = found.outlook, found.program.currency
    return {
        "as_of": str(day_date(found.day)),
        "tier": _named(found.tier),
        "until": str(day_date(outlook.ahead.day - 1)) if found.tier and outlook else None,
        "to_keep": [_lack(lack, found) for lack in outlook.keep] if found.tier and outlook else [],
        "benefits": found.benefits,
        "next_tier": _named(found.next_tier),
        "missing": [_lack(lack, found) for lack in found.missing],
        "currency": currency.code,
    }


def _account(asked: Asked, customer: str, as_of: str | None) -> Account:
    project = asked.project
    today = project.today()
    day = None if as_of is None else day_number(date.fromisoformat(as_of))
    if day is not None and day > today + HORIZON:
        raise TooFar(f"{as_of} is too far ahead: expected a day up to {day_date(today + HORIZON)}")
    return account_of(
        project.database,
        project.shop,
        project.program,
        project.means.capabilities,
        customer,
        day=day,
        today=today,
    )


def _named(tier: Tier | None) -> dict[str, str] | None:
    return None if tier is None else {"id": tier.id, "name": tier.name}


def _lack(lack: Lack, of: Account) -> dict[str, Any]:
    currency = of.program.currency
    told = lack.record(currency)
    return {
        "says": lack.sentence(currency),
        "metric": told["metric"],
        "figure": told["figure"],
        "gap": told["gap"],
        "by": told["by"],
    }


_TIER: Final = record({"id": TEXT, "name": TEXT})

_FIGURE: Final = {
    "description": "Money and percentages are texts of decimals.",
    "anyOf": [{"type": kind} for kind in ("string", "integer", "boolean", "array", "null")],
}

_LACK: Final = record(
    {"says": TEXT, "metric": TEXT, "figure": _FIGURE, "gap": _FIGURE, "by": maybe(DAY)},
)

_MISSING: Final = {
    "type": "object",
    "description": "A figure that falls short, with its comparator and target as a further member.",
    "required": ["metric", "figure", "gap", "by"],
    "properties": {"metric": TEXT, "figure": _FIGURE, "gap": _FIGURE, "by": maybe(DAY)},
}

_INTENT: Final = {
    "type": "object",
    "description": "An effect as the outbox has it.",
    "required": ["key", "kind", "action", "state", "payload"],
}

ACCOUNT: Final = record(
    {
        "customer_id": TEXT,
        "as_of": DAY,
        "program": record({"id": TEXT, "version": TEXT}),
        "joined": DAY,
        "tier": maybe(TEXT),
        "status": {"enum": ["pinned", "grace", "landing", "secured", "member", "none"]},
        "standing": ANYTHING,
        "last_applied": maybe(DAY),
        "ahead": maybe(
            record({"day": DAY, "from": maybe(TEXT), "to": maybe(TEXT), "keep": listing(_MISSING)})
        ),
        "pending": maybe(listing(ANYTHING)),
        "next_tier": maybe(TEXT),
        "missing": listing(_MISSING),
        "benefits": listing(TEXT),
        "evaluation": ANYTHING,
        "orders": listing(
            record(
                {
                    "order_id": TEXT,
                    "day": DAY,
                    "value": TEXT,
                    "refunded": TEXT,
                    "counts": {"type": "boolean"},
                }
            )
        ),
        "history": listing(
            record(
                {
                    "day": DAY,
                    "entry": {"type": "integer"},
                    "kind": TEXT,
                    "key": maybe(TEXT),
                    "says": maybe(ANYTHING),
                }
            )
        ),
        "effects": {"type": "object", "additionalProperties": ANYTHING},
        "underway": listing(_INTENT),
        "credits": listing(_INTENT),
    }
)

OPERATIONS: Final = (
    Operation(
        name="customer",
        method="GET",
        path="/api/{shop}/customers/{id}",
        tells="Why a customer has their tier, what is missing, and until when",
        more="The same as vip-rules explain --json: standing, outlook, benefits, conditions, orders, decisions and effects.",
        parameters=(
            SHOP,
            CUSTOMER,
            Parameter("as_of", "query", "The local day; by default today, or the last applied day.", DAY),
        ),
        answer=account,
        gives=ACCOUNT,
    ),
    Operation(
        name="link",
        method="POST",
        path="/api/{shop}/customers/{id}/link",
        tells="Make a link by which a customer sees their own standing",
        more="It is signed and expires; nothing is kept of it. [server] links holds the secret that signs.",
        parameters=(SHOP, CUSTOMER),
        body=record(
            {
                "hours": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MOST_HOURS,
                    "default": DEFAULT_HOURS,
                    "description": "For how long it lasts.",
                }
            },
            optional=("hours",),
        ),
        answer=link,
        gives=record({"token": TEXT, "path": TEXT, "expires_at": INSTANT}),
    ),
    Operation(
        name="me",
        method="GET",
        path="/api/{shop}/me",
        tells="A customer's own standing, for storefronts",
        more="Pages of the origins in [server] storefronts may ask. The token is that of a link.",
        parameters=(SHOP,),
        who="customer",
        answer=own,
        gives=record(
            {
                "as_of": DAY,
                "tier": maybe(_TIER),
                "until": {**maybe(DAY), "description": "The tier's last day if nothing is bought."},
                "to_keep": {**listing(_LACK), "description": "What keeps the tier beyond that day."},
                "benefits": listing(TEXT),
                "next_tier": maybe(_TIER),
                "missing": {**listing(_LACK), "description": "What is missing to the next tier."},
                "currency": TEXT,
            }
        ),
    ),
)
"""What can be asked of customers."""
