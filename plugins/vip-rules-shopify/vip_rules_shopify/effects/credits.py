"""Store credit: given once. Shopify has no key by which it would know one again, so that its last day carries a fingerprint.

A credit ends in a second of its last day that comes from its key. Each customer's credits are looked through for it before it
is given, so that another database, or this one put back to an earlier day, doesn't give it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

from vip_rules.adapter import Confirmed, Found, Intent, Missing, Outcome, Refused, Sight

from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.effects.customers import UNKNOWN_CUSTOMER
from vip_rules_shopify.effects.outcomes import done, made
from vip_rules_shopify.effects.people import customer_gid, nodes

OCCASIONS: Final = ("birthday", "anniversary", "quarter", "promotion")
"""Each has a part of the day for its own: two occasions on one day never end in the same second."""

_PART: Final = 86_400 // len(OCCASIONS)  # not money
_PAGE: Final = 20
_MOST: Final = 10
_TRANSACTIONS: Final = 100

Account = Mapping[str, Any]
Transaction = Mapping[str, Any]


def last_moment(intent: Intent, days: int, zone: ZoneInfo) -> datetime:
    """When a credit ends that is good for some days from the day of its occasion: in a second that tells it from others.

    >>> birthday = {"day": "2026-05-03", "occasion": "birthday"}
    >>> last_moment(Intent(key="birthday:2026:1", kind="store_credit", payload=birthday), 365, ZoneInfo("UTC"))
    datetime.datetime(2027, 5, 3, 0, 7, 10, tzinfo=datetime.timezone.utc)
    """
    last = date.fromisoformat(intent.payload["day"]) + timedelta(days=days)
    number = int.from_bytes(sha256(intent.key.encode()).digest()[:8])
    occasion = intent.payload["occasion"]
    part = OCCASIONS.index(occasion) if occasion in OCCASIONS else number % len(OCCASIONS)
    # Seconds of elapsed time: where clocks are changed, two readings of them may be the same instant.
    midnight = datetime.combine(last, time(), zone).astimezone(UTC)
    return midnight + timedelta(seconds=part * _PART + number % _PART)


class Credits:
    """The store credits of customers, good for so many days, each ending on a day of the zone."""

    def __init__(self, admin: Admin, days: int, zone: ZoneInfo) -> None:
        self._admin, self._days, self._zone = admin, days, zone

    def accounts(self, ids: Iterable[str | None]) -> dict[str, list[Account]]:
        """The accounts of some customers by their ids, as far as one page tells. Raises AdminFailed."""

        def ask(gids: Sequence[str]) -> list[Any]:
            found: list[Any] = self._admin.query("credits_by_ids", ids=gids, first=_PAGE, query=None)["nodes"]
            return found

        return {id_: self._accounts(node) for id_, node in nodes(ask, ids, _MOST).items()}

    def carry_out(self, intent: Intent, accounts: Sequence[Account] | None) -> Outcome:
        """Give it, unless it is there. Raises Stopped and AdminFailed."""
        if intent.action == "remove":
            return Refused("store credit that was given isn't taken back")
        owner = customer_gid(intent.customer_id or "")
        if accounts is None or owner is None:
            return UNKNOWN_CUSTOMER
        given = self._find(intent, accounts)
        if given is not None:
            return Confirmed(given)
        amount = {"amount": intent.payload["amount"], "currencyCode": intent.payload["currency"]}
        ends = last_moment(intent, self._days, self._zone).strftime("%Y-%m-%dT%H:%M:%SZ")
        credit = {"creditAmount": amount, "expiresAt": ends, "notify": False}
        data = done(self._admin.mutate("store_credit", id=owner, credit=credit))
        return Confirmed(made(data, "storeCreditAccountTransaction")["id"])

    def sight(self, intent: Intent, accounts: Sequence[Account] | None) -> Sight:
        """Whether it was given. Raises AdminFailed."""
        given = self._find(intent, accounts or ())
        return Missing() if given is None else Found(intent.payload, given)

    def _find(self, intent: Intent, accounts: Iterable[Account]) -> str | None:
        """The id of the transaction that gave a credit."""
        amount, currency = Decimal(intent.payload["amount"]), intent.payload["currency"]
        ends = last_moment(intent, self._days, self._zone)

        def is_it(transaction: Transaction) -> bool:
            told = transaction["amount"]
            return (
                transaction["__typename"] == "StoreCreditAccountCreditTransaction"
                and (Decimal(told["amount"]), told["currencyCode"]) == (amount, currency)
                and transaction["expiresAt"] is not None
                and datetime.fromisoformat(transaction["expiresAt"]) == ends
            )

        return next((str(each["id"]) for each in self._transactions(accounts) if is_it(each)), None)

    def _transactions(self, accounts: Iterable[Account]) -> Iterator[Transaction]:
        """All transactions of some accounts. Those beyond the first page are asked for only if they are needed."""
        for account in accounts:
            first = account["transactions"]
            yield from first["nodes"]
            after = first["pageInfo"]["endCursor"]
            more = first["pageInfo"]["hasNextPage"]
            while more:
                variables = {"id": account["id"], "first": _TRANSACTIONS, "after": after, "query": None}
                told = self._admin.query("credit_transactions", **variables)["storeCreditAccount"]
                if told is None:
                    break
                page = told["transactions"]
                yield from page["nodes"]
                after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    def _accounts(self, customer: Mapping[str, Any]) -> list[Account]:
        """A customer's accounts: there is one for each currency."""
        page = customer["storeCreditAccounts"]
        if not page["pageInfo"]["hasNextPage"]:
            return list(page["nodes"])
        accounts: list[Account] = []
        after = None
        while True:
            told = self._admin.query("customer_credits", id=customer["id"], after=after, query=None)
            page = (told["customer"] or customer)["storeCreditAccounts"]
            accounts += page["nodes"]
            if told["customer"] is None or not page["pageInfo"]["hasNextPage"]:
                return accounts
            after = page["pageInfo"]["endCursor"]
