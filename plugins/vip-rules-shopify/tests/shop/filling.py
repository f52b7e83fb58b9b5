"""Turns what the core says of a store into Shopify's state, so that a right adapter reads back what was put."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final

from vip_rules.model import OrderLine, OrderStatus
from vip_rules.store import Moment, StoreCustomer, StoreOrder

from tests.shop.identifiers import gid
from tests.shop.metafields import put
from tests.shop.state import Customer, Line, Order, Product, Refund, RefundLine, State

FINANCIAL: Final[Mapping[OrderStatus, str]] = {
    "paid": "PAID",
    "partially_refunded": "PARTIALLY_REFUNDED",
    "refunded": "REFUNDED",
    "pending": "PENDING",
    "failed": "EXPIRED",
    "cancelled": "PAID",
    "voided": "VOIDED",
}


def put_customer(state: State, customer: StoreCustomer) -> Customer:
    """A customer; metafields and credit of one who is there stay."""
    created = _instant(state, customer.created_at)
    old = state.customers.get(int(customer.id))
    kept = Customer(int(customer.id), created, customer.updated_at or created)
    kept.tags = list(customer.tags)
    kept.email = customer.email
    kept.locale = customer.language or "en"
    kept.metafields = {} if old is None else old.metafields
    kept.indexed_from = state.now() + state.index_lag
    if customer.birthday is None:
        kept.metafields.pop(("facts", "birth_date"), None)
    else:
        put(state, kept, "facts", "birth_date", "date", customer.birthday.isoformat())
    state.customers[kept.id] = kept
    return kept


def put_product(state: State, title: str, product_type: str, vendor: str, sku: str | None) -> Product:
    """A product of a title, type and vendor."""
    for product in state.products.values():
        if (product.title, product.product_type, product.vendor) == (title, product_type, vendor):
            return product
    now = state.now()
    made = Product(state.number(), title, now, now, product_type, vendor, sku=sku)
    state.products[made.id] = made
    return made


def put_order(state: State, order: StoreOrder, taxes_included: bool | None, shipping_tax: int) -> Order:
    """An order as Shopify shows it: its goods' tax lies on the lines, its discount is an order's code spread over them."""
    included = state.taxes_included if taxes_included is None else taxes_included
    placed = _instant(state, order.placed_at)
    goods = order.total - order.tax - order.shipping
    goods_tax = order.tax - shipping_tax
    if order.lines and sum(line.amount for line in order.lines) != goods:
        raise ValueError(f"order {order.id}: its lines don't add up to its total without tax and shipping")
    if goods < 0 or goods_tax < 0:
        raise ValueError(f"order {order.id}: its tax and shipping are more than its total")
    made = Order(
        id=int(order.id),
        customer=None if order.customer_id is None else int(order.customer_id),
        processed_at=placed,
        created_at=placed,
        updated_at=order.updated_at or placed,
        currency=order.currency,
        total=order.total,
        subtotal=goods + (goods_tax if included else 0),
        tax=order.tax,
        shipping=order.shipping + (shipping_tax if included else 0),
        shipping_tax=shipping_tax,
        discount=order.discount or 0,
        taxes_included=included,
        financial_status=FINANCIAL[order.status],
        source_name=order.channel,
        test=order.test,
        cancelled_at=(order.updated_at or placed) if order.status == "cancelled" else None,
        indexed_from=state.now() + state.index_lag,
    )
    made.lines = _lines(state, order, goods_tax, included)
    _refund_as_told(state, made, order)
    old = state.orders.get(made.id)
    if old is not None:
        made.metafields, made.tags = old.metafields, old.tags
    state.orders[made.id] = made
    return made


def refund(
    state: State,
    order: Order,
    money: int,
    lines: Mapping[int, int],
    shipping: tuple[int, int] | None,
    at: datetime | None = None,
) -> Refund:
    """Give units, shipping and money back, and set the status that comes of it."""
    made = Refund(state.number(), at or state.now(), money, shipping=shipping)
    for place, quantity in sorted(lines.items()):
        part = _back(order, order.lines[place], quantity)
        made.lines.append(part)
        made.total += part.subtotal + (0 if order.taxes_included else part.tax)
    if shipping is not None:
        made.total += shipping[0] + (0 if order.taxes_included else shipping[1])
    order.refunds.append(made)
    if order.financial_status in {"PAID", "PARTIALLY_REFUNDED"} and made.total:
        order.financial_status = "REFUNDED" if order.refunded >= order.total else "PARTIALLY_REFUNDED"
    if at is None:
        state.touched(order)
    return made


def merge(state: State, kept: Customer, gone: int) -> dict[str, Any]:
    """Move all that one customer has to another, and say it as a webhook does."""
    left = state.customers.pop(gone)
    kept.tags += [tag for tag in left.tags if tag not in kept.tags]
    for order in state.orders.values():
        if order.customer == gone:
            order.customer = kept.id
            state.touched(order)
    for account in state.accounts_of(gone):
        account.customer = kept.id
    state.touched(kept)
    return {
        "admin_graphql_api_customer_kept_id": gid("Customer", kept.id),
        "admin_graphql_api_customer_deleted_id": gid("Customer", gone),
        "admin_graphql_api_job_id": None,
        "status": "completed",
        "errors": [],
    }


def _lines(state: State, order: StoreOrder, goods_tax: int, included: bool) -> list[Line]:
    amounts = [line.amount for line in order.lines]
    taxes = _spread(goods_tax, amounts)
    nets = [amount + (tax if included else 0) for amount, tax in zip(amounts, taxes, strict=True)]
    shares = _spread(order.discount or 0, nets)
    _even(nets, shares, [line.quantity for line in order.lines])
    return [
        _line(state, order, place, line, net, share, tax)
        for place, (line, net, share, tax) in enumerate(zip(order.lines, nets, shares, taxes, strict=True))
    ]


def _line(
    state: State, order: StoreOrder, place: int, line: OrderLine, net: int, share: int, tax: int
) -> Line:
    title = line.product or line.sku or "Something"
    product = None
    if line.product or line.category or line.brand:
        product = put_product(state, title, line.category or "", line.brand or "", line.sku).id
    return Line(
        id=int(order.id) * 1_000 + place + 1,
        title=title,
        quantity=line.quantity,
        original=net + share,
        allocated=share,
        tax=tax,
        sku=line.sku,
        product=product,
        vendor=line.brand,
        gift_card=line.gift_card,
    )


def _refund_as_told(state: State, made: Order, order: StoreOrder) -> None:
    """Refunded lines are units that came back; what was refunded of goods beyond them is money; a full refund is of all."""
    refunded = order.refunded or 0
    by_line = {place: _units(order, line) for place, line in enumerate(order.lines) if line.refunded}
    rest = refunded - sum(line.refunded for line in order.lines)
    if rest < 0:
        raise ValueError(f"order {order.id}: more is refunded of its lines than of the order")
    if not refunded and order.status != "refunded":
        return
    shipping = None
    if order.status == "refunded":
        shipping = (made.shipping, made.shipping_tax) if made.shipping else None
        rest += _tax_left(made, by_line)
        if order.refunded is None:
            rest += order.total - order.tax - order.shipping
    status = made.financial_status
    at = order.updated_at or made.processed_at
    refund(state, made, rest, by_line, shipping, at)
    made.financial_status = status


def _units(order: StoreOrder, line: OrderLine) -> int:
    units = round(line.refunded * line.quantity / line.amount)  # not money
    if not units or abs(line.amount * units - line.refunded * line.quantity) >= line.quantity:
        raise ValueError(
            f"order {order.id}: {line.refunded} isn't the amount of whole units of {line.sku or line.product}: "
            "Shopify refunds of a line units only; say it of the order, and not of the line"
        )
    return units


def _tax_left(order: Order, by_line: Mapping[int, int]) -> int:
    returned = sum(_back(order, order.lines[place], units).tax for place, units in by_line.items())
    return order.tax - order.shipping_tax - returned


def _back(order: Order, line: Line, quantity: int) -> RefundLine:
    before = [part for made in order.refunds for part in made.lines if part.line == line.id]
    left = line.quantity - sum(part.quantity for part in before)
    if not 0 < quantity <= left:
        raise ValueError(f"order {order.id}: {quantity} units can't be refunded where {left} are left")
    amount, tax = line.original - line.allocated, line.tax
    if quantity == left:
        subtotal = amount - sum(part.subtotal for part in before)
        return RefundLine(line.id, quantity, subtotal, tax - sum(part.tax for part in before), "RETURN")
    back_tax = tax * quantity // line.quantity
    if order.taxes_included:
        return RefundLine(
            line.id, quantity, (amount - tax) * quantity // line.quantity + back_tax, back_tax, "RETURN"
        )
    return RefundLine(line.id, quantity, amount * quantity // line.quantity, back_tax, "RETURN")


def _spread(whole: int, weights: Sequence[int]) -> list[int]:
    """An amount spread by weights, floored; what remains goes to the heaviest."""
    if not weights:
        return []
    total = sum(weights)
    shares = [whole * weight // total if total else 0 for weight in weights]
    shares[max(range(len(weights)), key=weights.__getitem__)] += whole - sum(shares)
    return shares


def _even(nets: Sequence[int], shares: list[int], quantities: Sequence[int]) -> None:
    """Move what is needed for whole prices per unit to a line of one unit, where there is one."""
    taker = next((place for place, quantity in enumerate(quantities) if quantity == 1), None)
    if taker is None:
        return
    for place, quantity in enumerate(quantities):
        over = (nets[place] + shares[place]) % quantity
        if over <= shares[place]:
            shares[place] -= over
            shares[taker] += over


def _instant(state: State, moment: Moment) -> datetime:
    if isinstance(moment, datetime):
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    assert isinstance(moment, date)
    return datetime.combine(moment, time(), state.zone)
