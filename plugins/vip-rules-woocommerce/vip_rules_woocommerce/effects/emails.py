"""Which email addresses a coupon can be restricted to, so that it is its customer's alone."""

from __future__ import annotations

import re
from typing import Any, Final

from vip_rules_woocommerce.effects.outcomes import refuse

NOBODY: Final = "nobody@vip-rules.invalid"
"""An address that nobody can have (RFC 2606)."""

_LOCAL: Final = r"[a-z0-9_'&~=%!#+-]+(?:\.[a-z0-9_'&~=%!#+-]+)*"
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS: Final = re.compile(rf"(?=.{{6,254}}\Z)(?=[^@]{{1,64}}@){_LOCAL}@(?:{_LABEL}\.)+{_LABEL}")
"""Narrower than what mail allows. WooCommerce drops or cleans what it takes for no address, and the coupon is anybody's then;
and it reads restrictions as patterns, in which * and | and other signs would let others in.

A dot stands for any sign in them, and a plus repeats the one before it: without both there would be no addresses. Who has such
a neighbouring address would need the code, too, which nobody can guess."""


def restriction(email: Any) -> str:
    """The one entry of a coupon's email restrictions that stands for an address. Raises Stopped, without saying it."""
    if email is None or email == "":
        raise refuse("the customer has no email address, and a coupon of their own is restricted to it")
    # Small letters are made of ASCII only: a Kelvin sign would become the k of somebody else's address.
    if not (isinstance(email, str) and email.isascii() and _ADDRESS.fullmatch(email.lower())):
        raise refuse(
            "the customer's email address isn't one that a coupon can safely be restricted to: WooCommerce drops or cleans "
            "some signs and reads others as patterns, and then others could use it; correct the address in the shop"
        )
    return email.lower()
