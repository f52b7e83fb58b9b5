"""The keys of `where`: how a metric is narrowed to a part of the history."""

from typing import Final

LINE_FILTERS: Final = ("category", "brand", "sku")
"""Narrow an order to the lines that match all of them; an order without such a line is none for the metric."""

ORDER_FILTERS: Final = ("channel", *LINE_FILTERS)
EVENT_FILTERS: Final = ("type",)

DESCRIPTIONS: Final = {
    "channel": "Only orders of this channel (or of one of these), such as pos or online.",
    "category": "Only the part of each order in this product category (or in one of these).",
    "brand": "Only the part of each order of this brand (or of one of these).",
    "sku": "Only the part of each order with this SKU (or with one of these).",
    "type": "Only events of this type (or of one of these), such as review or referral.",
}
