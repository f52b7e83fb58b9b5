"""What the fake shop holds: plain things that tests fill and look into. Money is in minor units of the currency beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import Any, Final
from zoneinfo import ZoneInfo

ALL_SCOPES: Final = frozenset(
    {
        "read_all_orders",
        "read_customer_merge",
        "read_fulfillments",
        "read_locations",
        "read_products",
        "read_store_credit_accounts",
        "write_customers",
        "write_discounts",
        "write_inventory",
        "write_merchant_managed_fulfillment_orders",
        "write_order_edits",
        "write_orders",
        "write_publications",
        "write_store_credit_account_transactions",
    }
)
APP: Final = 1
"""The number of the app that calls: `$app:vip` is `app--1--vip`."""


@dataclass(slots=True)
class Metafield:
    """A value under a namespace and key. `digest` changes with the value."""

    id: int
    namespace: str
    key: str
    type: str
    value: str
    digest: str
    updated_at: datetime


@dataclass(slots=True)
class Customer:
    """A customer. `orders` and `spent` are what Shopify counts by itself; None: counted from the orders there are."""

    id: int
    created_at: datetime
    updated_at: datetime
    tags: list[str] = field(default_factory=list)
    email: str | None = None
    locale: str = "en"
    first_name: str | None = None
    last_name: str | None = None
    metafields: dict[tuple[str, str], Metafield] = field(default_factory=dict)
    orders: int | None = None
    spent: int | None = None
    indexed_from: datetime | None = None


@dataclass(slots=True)
class Product:
    """A product with one variant of the same number."""

    id: int
    title: str
    created_at: datetime
    updated_at: datetime
    product_type: str = ""
    vendor: str = ""
    tags: list[str] = field(default_factory=list)
    sku: str | None = None
    status: str = "ACTIVE"
    indexed_from: datetime | None = None


@dataclass(slots=True)
class Line:
    """A line as Shopify shows it: amounts with tax where the order's prices include it. `original` is before discounts.

    `allocated` is its share of the order's discount; `tax` that of the order's tax.
    """

    id: int
    title: str
    quantity: int
    original: int
    allocated: int = 0
    tax: int = 0
    sku: str | None = None
    product: int | None = None
    vendor: str | None = None
    gift_card: bool = False


@dataclass(slots=True)
class RefundLine:
    """Some of a line that was refunded; `subtotal` as Shopify shows it, with tax where the prices include it."""

    line: int
    quantity: int
    subtotal: int
    tax: int = 0
    restock: str = "NO_RESTOCK"


@dataclass(slots=True)
class Refund:
    """Money that was given back: `total` is what was paid out. `shipping` is a refund of shipping and its tax."""

    id: int
    created_at: datetime
    total: int
    lines: list[RefundLine] = field(default_factory=list)
    shipping: tuple[int, int] | None = None
    adjustments: list[tuple[int, int, str]] = field(default_factory=list)


@dataclass(slots=True)
class Order:
    """An order. `subtotal` and `shipping` are as Shopify shows them, with tax where the prices include it."""

    id: int
    customer: int | None
    processed_at: datetime
    created_at: datetime
    updated_at: datetime
    currency: str
    total: int
    subtotal: int
    tax: int = 0
    shipping: int = 0
    shipping_tax: int = 0
    discount: int = 0
    taxes_included: bool = False
    financial_status: str = "PAID"
    fulfillment_status: str = "UNFULFILLED"
    source_name: str | None = "web"
    test: bool = False
    cancelled_at: datetime | None = None
    tags: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    metafields: dict[tuple[str, str], Metafield] = field(default_factory=dict)
    presentment: tuple[str, str] | None = None
    indexed_from: datetime | None = None

    @property
    def refunded(self) -> int:
        """All the money that was given back."""
        return sum(refund.total for refund in self.refunds)


@dataclass(slots=True)
class Segment:
    """A group of customers by a query. Names are unique."""

    id: int
    name: str
    query: str
    created_at: datetime
    updated_at: datetime
    indexed_from: datetime | None = None


@dataclass(slots=True)
class Discount:
    """A discount. `segments` and `customers` are those it is for; both None: for all. `input` is what was last asked for."""

    id: int
    automatic: bool
    free_shipping: bool
    title: str
    starts_at: datetime
    created_at: datetime
    updated_at: datetime
    ends_at: datetime | None = None
    tags: list[str] = field(default_factory=list)
    code: str | None = None
    percentage: Any = None
    combines_with: dict[str, bool] = field(default_factory=dict)
    segments: list[int] | None = None
    customers: list[int] | None = None
    input: dict[str, Any] = field(default_factory=dict)
    indexed_from: datetime | None = None

    def status(self, now: datetime) -> str:
        """ACTIVE, SCHEDULED or EXPIRED."""
        if self.ends_at is not None and self.ends_at <= now:
            return "EXPIRED"
        return "SCHEDULED" if self.starts_at > now else "ACTIVE"


@dataclass(slots=True)
class Transaction:
    """A credit, or a debit where the amount is negative."""

    id: int
    amount: int
    balance: int
    created_at: datetime
    expires_at: datetime | None = None


@dataclass(slots=True)
class CreditAccount:
    """A customer's store credit in one currency."""

    id: int
    customer: int
    currency: str
    transactions: list[Transaction] = field(default_factory=list)

    @property
    def balance(self) -> int:
        """What there is to spend."""
        return sum(transaction.amount for transaction in self.transactions)


@dataclass(slots=True)
class Definition:
    """A metafield definition."""

    id: int
    owner: str
    namespace: str
    key: str
    type: str
    name: str
    input: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Subscription:
    """A webhook subscription."""

    id: int
    topic: str
    uri: str
    created_at: datetime
    updated_at: datetime
    format: str = "JSON"
    filter: str | None = None
    include_fields: list[str] = field(default_factory=list)


class State:
    """Everything in the shop, and the rules that tests may turn. It is read and changed under `lock`.

    `index_lag` is how long a search doesn't see what was just made. `personal` is Shopify's approval for personal data.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.lock = RLock()
        self.clock = clock
        self.currency = "USD"
        self.timezone = "UTC"
        self.domain = "vip-test.myshopify.com"
        self.name = "VIP test"
        self.scopes: set[str] = set(ALL_SCOPES)
        self.personal = True
        self.taxes_included = False
        self.index_lag = timedelta(0)
        self.credit_limit: int | None = None
        self.versions = ["2025-10", "2026-01", "2026-04", "2026-07", "2026-10"]
        self.customers: dict[int, Customer] = {}
        self.orders: dict[int, Order] = {}
        self.products: dict[int, Product] = {}
        self.segments: dict[int, Segment] = {}
        self.discounts: dict[int, Discount] = {}
        self.accounts: dict[int, CreditAccount] = {}
        self.definitions: dict[int, Definition] = {}
        self.subscriptions: dict[int, Subscription] = {}
        self._last = 900_000

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.timezone)

    def now(self) -> datetime:
        """The present instant."""
        return self.clock()

    def number(self) -> int:
        """A new number, for the id of anything."""
        self._last += 1
        return self._last

    def scoped(self, scope: str) -> bool:
        """Whether the app has a scope; to write includes to read."""
        return scope in self.scopes or scope.replace("read_", "write_", 1) in self.scopes

    def visible(self, order: Order) -> bool:
        """Whether the app may see an order: without `read_all_orders` those of the last 60 days only."""
        return self.scoped("read_all_orders") or order.created_at >= self.now() - timedelta(days=60)

    def touched(self, thing: Customer | Order) -> None:
        """Something changed: it is newer, and search sees it after the index's lag."""
        now = self.now()
        thing.updated_at = max(now, thing.updated_at)
        thing.indexed_from = now + self.index_lag

    def orders_of(self, customer: int) -> list[Order]:
        """A customer's orders that the app may see, by their time."""
        found = [
            order for order in self.orders.values() if order.customer == customer and self.visible(order)
        ]
        return sorted(found, key=lambda order: (order.processed_at, order.id))

    def accounts_of(self, customer: int) -> list[CreditAccount]:
        """A customer's store credit accounts."""
        return [account for account in self.accounts.values() if account.customer == customer]
