"""Registers the Shopify adapter with vip-rules."""

from __future__ import annotations
