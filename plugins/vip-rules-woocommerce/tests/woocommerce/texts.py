"""Texts and addresses as the shop cleans them before they are kept."""

from __future__ import annotations

import re

_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]*[A-Za-z0-9]"
)
_LOCAL_PART = re.compile(r"[^A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]")
_DOMAIN_PART = re.compile(r"[^A-Za-z0-9-]")
_BARE_AMPERSAND = re.compile(r"&(?!(?:[A-Za-z]+\d*|#\d+|#x[0-9A-Fa-f]+);)")
_TAG = re.compile(r"<[^>]*>")


def encoded(text: str) -> str:
    """A text with its ampersands as entities; one that is an entity already stays."""
    return _BARE_AMPERSAND.sub("&amp;", text)


def account_name(text: object) -> str:
    """A first or last name of an account: without tags, encoded. Null is no name."""
    return "" if text is None else encoded(_TAG.sub("", str(text)))


def is_email(text: object) -> bool:
    """Whether the shop takes a text for an email address."""
    return isinstance(text, str) and len(text) >= 6 and _EMAIL.fullmatch(text) is not None


def restriction(text: object) -> str:
    """An entry of a coupon's email restrictions as it is kept: in small letters, without unexpected characters.

    Empty for what is no email then. The cleaning can make another address of one.
    """
    local, at, domain = str(text).strip().lower().partition("@")
    local = _LOCAL_PART.sub("", local)
    labels = [_DOMAIN_PART.sub("", label.strip(" -")) for label in domain.strip(" .").split(".")]
    labels = [label for label in labels if label]
    return f"{local}@{'.'.join(labels)}" if at and local and len(labels) > 1 else ""
