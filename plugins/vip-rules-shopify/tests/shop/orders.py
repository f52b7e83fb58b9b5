"""Orders, their lines and refunds as GraphQL shows them, and how orders are searched."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from tests.shop.amounts import bag, instant
from tests.shop.identifiers import gid
from tests.shop.listing import listing
from tests.shop.metafields import metafield_fields
from tests.shop.products import product_view, variant_view
from tests.shop.projection import Arguments, Connection, Fields
from tests.shop.search import Index, Instant, Number, Text
from tests.shop.state import Line, Order, Refund, RefundLine, State

CODE: Final = "WELCOME"
"""The code of the discount that orders have."""

UNPAID: Final = frozenset({"PENDING", "AUTHORIZED", "VOIDED", "EXPIRED"})

ORDERS: Final = Index(
    {
        "id": Number(lambda order: order.id),
        "customer_id": Number(lambda order: order.customer),
        "name": Text(lambda order: f"#{order.id}"),
        "financial_status": Text(lambda order: order.financial_status),
        "fulfillment_status": Text(lambda order: order.fulfillment_status),
        "source_name": Text(lambda order: order.source_name),
        "status": Text(lambda order: ["any", "cancelled" if order.cancelled_at else "open"]),
        "tag": Text(lambda order: order.tags),
        "tag_not": Text(lambda order: order.tags),
        "test": Text(lambda order: "true" if order.test else "false"),
        "created_at": Instant(lambda order: order.created_at),
        "processed_at": Instant(lambda order: order.processed_at),
        "updated_at": Instant(lambda order: order.updated_at),
    },
    lambda order: f"#{order.id}",
)


def orders_listing(state: State, orders: Iterable[Order], arguments: Arguments) -> Connection:
    """Of some orders those that the app may see and a query finds."""
    return listing(
        state,
        "Order",
        [order for order in orders if state.visible(order)],
        lambda order: order_view(state, order),
        ORDERS,
        arguments,
        {
            "UPDATED_AT": lambda order: order.updated_at,
            "CREATED_AT": lambda order: order.created_at,
            "PROCESSED_AT": lambda order: order.processed_at,
        },
    )


def order_view(state: State, order: Order) -> Fields:
    """An Order."""
    return {
        "__typename": "Order",
        "id": gid("Order", order.id),
        "legacyResourceId": str(order.id),
        "name": f"#{order.id}",
        "createdAt": instant(order.created_at),
        "processedAt": instant(order.processed_at),
        "updatedAt": instant(order.updated_at),
        "cancelledAt": instant(order.cancelled_at),
        "cancelReason": "CUSTOMER" if order.cancelled_at else None,
        "closedAt": None,
        "closed": False,
        "test": order.test,
        "confirmed": True,
        "edited": False,
        "email": None,
        "note": None,
        "sourceName": order.source_name,
        "app": None,
        "publication": None,
        "retailLocation": None,
        "tags": sorted(order.tags, key=str.casefold),
        "currencyCode": order.currency,
        "presentmentCurrencyCode": order.presentment[1] if order.presentment else order.currency,
        "displayFinancialStatus": order.financial_status,
        "displayFulfillmentStatus": order.fulfillment_status,
        "returnStatus": "NO_RETURN",
        "fullyPaid": order.financial_status not in UNPAID,
        "unpaid": order.financial_status in UNPAID,
        "merchantEditable": True,
        "merchantEditableErrors": [],
        "customer": lambda _: _customer(state, order),
        "discountCode": CODE if order.discount else None,
        "discountCodes": [CODE] if order.discount else [],
        "lineItems": lambda _: Connection(
            "LineItem", order.lines, lambda line: line_view(state, order, line)
        ),
        "refunds": lambda arguments: [
            refund_view(state, order, refund) for refund in order.refunds[: arguments.get("first")]
        ],
        "shippingLine": _shipping_line(order) if order.shipping else None,
        "shippingLines": Connection(
            "ShippingLine", [order] if order.shipping else [], lambda order: _shipping_line(order)
        ),
        "fulfillmentOrders": Connection("FulfillmentOrder", [], dict),
        **_amounts(order),
        **metafield_fields(order),
    }


def _amounts(order: Order) -> Fields:
    returned = sum(line.subtotal for refund in order.refunds for line in refund.lines)
    returned_tax = sum(line.tax for refund in order.refunds for line in refund.lines)
    shipping = [refund.shipping for refund in order.refunds if refund.shipping is not None]
    shipping_back = sum(subtotal for subtotal, _ in shipping)
    shipping_tax_back = sum(tax for _, tax in shipping)
    tax_back = returned_tax + shipping_tax_back
    beside = 0 if order.taxes_included else tax_back
    received = 0 if order.financial_status in UNPAID else order.total
    now_total = order.total - returned - shipping_back - beside
    amounts = {
        "subtotalPriceSet": order.subtotal,
        "currentSubtotalPriceSet": order.subtotal - returned,
        "totalPriceSet": order.total,
        "originalTotalPriceSet": order.total,
        "currentTotalPriceSet": now_total,
        "totalDiscountsSet": order.discount,
        "currentTotalDiscountsSet": order.discount,
        "cartDiscountAmountSet": order.discount,
        "totalShippingPriceSet": order.shipping,
        "currentShippingPriceSet": order.shipping - shipping_back,
        "totalTaxSet": order.tax,
        "currentTotalTaxSet": order.tax - tax_back,
        "totalRefundedSet": order.refunded,
        "totalRefundedShippingSet": shipping_back,
        "totalReceivedSet": received,
        "netPaymentSet": received - order.refunded,
        "totalOutstandingSet": order.total - received,
        "totalTipReceivedSet": 0,
        "refundDiscrepancySet": 0,
    }
    presentment = None
    if order.presentment is not None:
        amount, currency = order.presentment
        presentment = {"__typename": "MoneyV2", "amount": amount, "currencyCode": currency}
    return {
        **{name: bag(amount, order.currency) for name, amount in amounts.items()},
        "totalPriceSet": bag(order.total, order.currency, presentment),
        "taxesIncluded": order.taxes_included,
        "taxLines": [_tax_line(order, order.tax)] if order.tax else [],
        "currentTaxLines": [_tax_line(order, order.tax - tax_back)] if order.tax else [],
        "dutiesIncluded": False,
        "originalTotalDutiesSet": None,
        "currentTotalDutiesSet": None,
        "originalTotalAdditionalFeesSet": None,
        "currentTotalAdditionalFeesSet": None,
    }


def line_view(state: State, order: Order, line: Line) -> Fields:
    """A LineItem. Its discounts are shares of an order-level code, so that its own discounted total is without them."""
    back = [part for refund in order.refunds for part in refund.lines if part.line == line.id]
    current = line.quantity - sum(part.quantity for part in back)
    each = -(-line.original // line.quantity)
    after = line.original - line.allocated - (line.tax if order.taxes_included else 0)
    after -= sum(part.subtotal - (part.tax if order.taxes_included else 0) for part in back)
    code = {
        "__typename": "DiscountCodeApplication",
        "code": CODE,
        "allocationMethod": "ACROSS",
        "targetType": "LINE_ITEM",
        "targetSelection": "ALL",
        "index": 0,
    }
    amounts = {
        "originalUnitPriceSet": each,
        "originalTotalSet": line.original,
        "discountedTotalSet": line.original,
        "discountedUnitPriceSet": each,
        "discountedUnitPriceAfterAllDiscountsSet": -(-(line.original - line.allocated) // line.quantity),
        "totalDiscountSet": 0,
        "priceAfterAllDiscountsBeforeTaxesSet": after,
    }
    product = None if line.product is None else state.products.get(line.product)
    return {
        "__typename": "LineItem",
        "id": gid("LineItem", line.id),
        "sku": line.sku,
        "title": line.title,
        "name": line.title,
        "variantTitle": None,
        "vendor": line.vendor,
        "quantity": line.quantity,
        "currentQuantity": max(0, current),
        "refundableQuantity": max(0, current),
        "unfulfilledQuantity": max(0, current),
        "isGiftCard": line.gift_card,
        "taxable": line.tax > 0,
        "requiresShipping": not line.gift_card,
        "product": lambda _: None if product is None else product_view(state, product),
        "variant": lambda _: None if product is None else variant_view(state, product),
        "discountAllocations": [
            {
                "__typename": "DiscountAllocation",
                "allocatedAmountSet": bag(line.allocated, order.currency),
                "discountApplication": code,
            }
        ]
        if line.allocated
        else [],
        "taxLines": [_tax_line(order, line.tax)] if line.tax else [],
        **{name: bag(amount, order.currency) for name, amount in amounts.items()},
    }


def refund_view(state: State, order: Order, refund: Refund) -> Fields:
    """A Refund."""

    def money_back(amount: int) -> Fields:
        return bag(amount, order.currency)

    def of_line(back: RefundLine) -> Fields:
        line = next(line for line in order.lines if line.id == back.line)
        return {
            "__typename": "RefundLineItem",
            "id": gid("RefundLineItem", f"{refund.id}{back.line}"),
            "quantity": back.quantity,
            "restockType": back.restock,
            "restocked": back.restock != "NO_RESTOCK",
            "lineItem": lambda _: line_view(state, order, line),
            "priceSet": money_back(back.subtotal // back.quantity),
            "subtotalSet": money_back(back.subtotal),
            "totalTaxSet": money_back(back.tax),
        }

    def of_shipping(amounts: tuple[int, int]) -> Fields:
        return {
            "__typename": "RefundShippingLine",
            "id": gid("RefundShippingLine", refund.id),
            "shippingLine": _shipping_line(order),
            "subtotalAmountSet": money_back(amounts[0]),
            "taxAmountSet": money_back(amounts[1]),
        }

    def adjustment(amounts: tuple[int, int, str]) -> Fields:
        return {
            "__typename": "OrderAdjustment",
            "id": gid("OrderAdjustment", refund.id),
            "amountSet": money_back(amounts[0]),
            "taxAmountSet": money_back(amounts[1]),
            "reason": amounts[2],
        }

    transaction = {
        "__typename": "OrderTransaction",
        "id": gid("OrderTransaction", refund.id),
        "kind": "REFUND",
        "status": "SUCCESS",
        "amountSet": money_back(refund.total),
        "processedAt": instant(refund.created_at),
    }
    return {
        "__typename": "Refund",
        "id": gid("Refund", refund.id),
        "legacyResourceId": str(refund.id),
        "createdAt": instant(refund.created_at),
        "processedAt": instant(refund.created_at),
        "updatedAt": instant(refund.created_at),
        "note": None,
        "duties": [],
        "totalRefundedSet": money_back(refund.total),
        "refundLineItems": Connection("RefundLineItem", refund.lines, of_line),
        "refundShippingLines": Connection(
            "RefundShippingLine", [refund.shipping] if refund.shipping else [], of_shipping
        ),
        "orderAdjustments": Connection("OrderAdjustment", refund.adjustments, adjustment),
        "transactions": Connection("OrderTransaction", [transaction] if refund.total else [], dict),
    }


def _customer(state: State, order: Order) -> Fields | None:
    from tests.shop.customers import (
        customer_view,
    )  # customers show their orders, and orders their customer

    customer = None if order.customer is None else state.customers.get(order.customer)
    return None if customer is None else customer_view(state, customer)


def _shipping_line(order: Order) -> Fields:
    return {
        "__typename": "ShippingLine",
        "id": gid("ShippingLine", order.id),
        "title": "Standard",
        "code": "Standard",
        "carrierIdentifier": None,
        "custom": False,
        "isRemoved": False,
        "originalPriceSet": bag(order.shipping, order.currency),
        "discountedPriceSet": bag(order.shipping, order.currency),
        "currentDiscountedPriceSet": bag(order.shipping, order.currency),
        "taxLines": [_tax_line(order, order.shipping_tax)] if order.shipping_tax else [],
    }


def _tax_line(order: Order, amount: int) -> dict[str, Any]:
    return {
        "__typename": "TaxLine",
        "title": "Tax",
        "rate": None,
        "ratePercentage": None,
        "priceSet": bag(amount, order.currency),
    }
