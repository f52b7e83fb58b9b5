"""A program's version: a digest of what it says, whatever its formatting."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def version(document: Mapping[str, Any]) -> str:
    """The digest of a document: "sha256:" and twelve digits.

    The order of keys, whitespace, `$schema`, and whether 100 is written as 100.0, make no difference.
    """
    content = {key: value for key, value in document.items() if key != "$schema"}
    return f"sha256:{hashlib.sha256(_canonical(content).encode()).hexdigest()[:12]}"


def _canonical(value: Any) -> str:
    match value:
        case dict():
            return (
                "{" + ",".join(f"{json.dumps(key)}:{_canonical(value[key])}" for key in sorted(value)) + "}"
            )
        case list():
            return f"[{','.join(_canonical(inner) for inner in value)}]"
        case Decimal():
            whole = value == value.to_integral_value()
            return str(int(value)) if whole else f"{value:f}".rstrip("0")
        case _:
            return json.dumps(value)
