"""The codes of coupons, and where a customer is shown theirs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from typing import Final

from vip_rules.adapter import Intent

from vip_rules_woocommerce.effects.meta import PREFIX

SHOWN: Final = f"{PREFIX}coupon_"
"""What the keys begin with under which a customer's meta data have the codes of their coupons."""

_LETTERS: Final = 8


@dataclass(frozen=True, slots=True)
class Codes:
    """Makes codes: vip-gold-QOZ4KJ3M-7XWNA2BD in small letters.

    The third part is made of the business key alone, to find a coupon by. The fourth is made with a secret of the shop, so that
    nobody guesses the code. It is another with another secret: a coupon that is there keeps its code.
    """

    secret: str = field(repr=False)

    def code(self, key: str, label: str) -> str:
        """The code for a business key; the label is for people."""
        tail = hmac.digest(self.secret.encode(), f"coupon {key}".encode(), "sha256")
        plain = re.sub(r"[^a-z0-9]+", "", label.lower())[:20]
        return "-".join(part for part in ("vip", plain, fingerprint(key), _letters(tail)) if part)


def fingerprint(key: str) -> str:
    """The part of a code by which the coupons of a business key are found."""
    return _letters(hashlib.sha256(f"vip-rules coupon {key}".encode()).digest())


def shown_as(intent: Intent) -> str:
    """The key under which a customer's meta data have the code: vip_rules_coupon_discount_gold."""
    return SHOWN + intent.key.removesuffix(f":{intent.customer_id}").replace(":", "_")


def _letters(digest: bytes) -> str:
    return base64.b32encode(digest)[:_LETTERS].decode().lower()
