"""Registers the WooCommerce adapter with vip-rules."""

from __future__ import annotations
