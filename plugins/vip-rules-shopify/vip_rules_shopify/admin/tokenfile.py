"""Tokens in a file that only its owner may read, and which is there only once it is whole."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

from vip_rules_shopify.admin.failures import AdminFailed
from vip_rules_shopify.admin.grants import Grant


def read_grant(path: Path) -> Grant:
    """The tokens of a file. Raises AdminFailed where there is none, or it can't be read; never tells what is in it."""
    try:
        kept = json.loads(path.read_text("utf-8"))
        token, next_ = kept["access_token"], kept.get("refresh_token")
        expires_at = datetime.fromisoformat(kept["expires_at"])
        fits = isinstance(token, str) and isinstance(next_, str | None) and expires_at.tzinfo is not None
    except FileNotFoundError:
        reason = "is not there: install the app in the shop first"
    except OSError as error:
        reason = f"can't be read ({error.strerror}): change who may read it"
    except (ValueError, KeyError, TypeError, AttributeError):
        reason = "doesn't hold tokens: install the app in the shop again"
    else:
        if fits:
            return Grant(token, expires_at, next_)
        reason = "doesn't hold tokens: install the app in the shop again"
    raise AdminFailed(f"{path} {reason}")


def write_grant(path: Path, grant: Grant) -> None:
    """Write tokens in place of those that a file holds. Raises AdminFailed where it can't be written."""
    kept = {
        "access_token": grant.token,
        "refresh_token": grant.refresh_token,
        "expires_at": grant.expires_at.isoformat(),
    }
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(
            os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            json.dump(kept, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        reason = error.strerror
    else:
        return
    raise AdminFailed(f"{path} can't be written ({reason}): change who may write there, or free some space")
