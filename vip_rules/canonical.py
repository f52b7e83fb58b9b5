"""Canonical JSON: one text for one value, so that texts and digests of equal data are equal to the byte."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical(value: Any) -> str:
    """A value as JSON: keys sorted, no spaces, signs as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(*texts: str) -> str:
    """The SHA-256 of some texts, of which each keeps its bounds: 64 hexadecimal digits."""
    hashed = hashlib.sha256()
    for text in texts:
        encoded = text.encode()
        hashed.update(len(encoded).to_bytes(8, "big") + encoded)
    return hashed.hexdigest()
