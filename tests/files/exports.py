"""Exports as the platforms write them: all their columns, in their order, of made-up shops."""

import csv
from io import StringIO
from typing import Any


def _columns(header: str) -> list[str]:
    return header.split(",")


SHOPIFY_ORDERS = _columns(
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,"
    "Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,"
    "Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
    "Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,"
    "Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,"
    "Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,Notes,Note Attributes,"
    "Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,"
    "Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,"
    "Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,Phone,Receipt Number,Duties,Billing Province Name,"
    "Shipping Province Name,Payment ID,Payment Terms Name,Next Payment Due At,Payment References"
)

SHOPIFY_CUSTOMERS = _columns(
    "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,"
    "Default Address Address2,Default Address City,Default Address Province Code,Default Address Country Code,"
    "Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags"
)

WOOCOMMERCE_ORDERS = _columns(
    "order_id,order_number_formatted,order_number,order_date,status,shipping_total,shipping_tax_total,fee_total,"
    "fee_tax_total,tax_total,discount_total,order_total,refunded_total,order_currency,payment_method,shipping_method,"
    "customer_id,billing_first_name,billing_last_name,billing_email,billing_phone,customer_note"
)

WOOCOMMERCE_ITEMS = _columns(
    "item_id,item_product_id,item_name,item_sku,item_quantity,item_subtotal,item_subtotal_tax,item_total,item_total_tax,"
    "item_refunded,item_refunded_qty,item_meta"
)

WOOCOMMERCE_CUSTOMERS = _columns(
    "customer_id,first_name,last_name,user_login,email,user_pass,date_registered,billing_first_name,billing_last_name,"
    "billing_email,total_spent,order_count"
)

PAID = {
    "Financial Status": "paid",
    "Currency": "USD",
    "Subtotal": "0.00",
    "Shipping": "0.00",
    "Taxes": "0.00",
    "Discount Amount": "0.00",
    "Refunded Amount": "0.00",
    "Source": "web",
}
"""What the first row of an order of Shopify's says, unless a test says otherwise."""


def table(columns: list[str], rows: list[dict[str, Any]], end: str = "\n") -> str:
    """A CSV file; columns that a row doesn't name are blank."""
    text = StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
