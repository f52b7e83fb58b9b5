"""How questions are written into addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote


def quoted_path(path: str) -> str:
    """A path below the API. Raises ValueError for one that would lead out of it."""
    parts = path.strip("/").split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"{path!r} is no path of the API")
    return "/".join(quote(part, safe="") for part in parts)


def written(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Parameters as WooCommerce reads them; None leaves one out."""
    return {name: _written(value) for name, value in parameters.items() if value is not None}


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str):
        return ",".join(map(_written, value))
    return str(value)
