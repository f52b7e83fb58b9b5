"""Problems: what can't be answered is said in words, as RFC 9457 has it (application/problem+json)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response

from vip_rules.errors import UsageError, VipRulesError
from vip_rules.explanation import UnknownCustomer
from vip_rules.operations.people import NotThere
from vip_rules.operations.proposals import UnknownPlan

MEDIA_TYPE: Final = "application/problem+json"

COME_AGAIN: Final = "10"
"""Seconds until somebody should ask again who couldn't be answered."""

SCHEMA: Final = {
    "type": "object",
    "description": "Why it can't be answered (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"const": "about:blank"},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is amiss, and what to do."},
        "problems": {
            "type": "array",
            "description": "What is amiss in the request, each with its place.",
            "items": {"type": "string"},
        },
    },
    "additionalProperties": False,
}
"""The JSON Schema of a problem."""

_NOT_FOUND: Final = (UnknownCustomer, NotThere, UnknownPlan)


class Refused(Exception):
    """A request that isn't answered, with the reason. `problems` are the things that are amiss in it, if there are several."""

    def __init__(
        self,
        status: int,
        detail: str,
        headers: Mapping[str, str] | None = None,
        problems: Sequence[str] = (),
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.problems = status, detail, headers or {}, problems

    @property
    def response(self) -> Response:
        """The answer."""
        content: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.problems:
            content["problems"] = list(self.problems)
        text = json.dumps(content, ensure_ascii=False)
        return Response(text, self.status, dict(self.headers), MEDIA_TYPE)


def refusal(error: VipRulesError) -> Refused:
    """How one of our own errors is told. What failed outside is told without its words, which are for the log."""
    if isinstance(error, _NOT_FOUND):
        return Refused(404, str(error))
    if isinstance(error, UsageError):
        return Refused(400, str(error))
    if error.exit_code == VipRulesError.exit_code:
        return Refused(409, str(error))
    return Refused(
        503, "the database can't be used at the moment: ask again later", {"Retry-After": COME_AGAIN}
    )
