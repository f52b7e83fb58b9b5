"""The document of the API (OpenAPI 3.1), made of the operations that are served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from vip_rules import __version__
from vip_rules.server.api import problems
from vip_rules.server.api.checks import TOKEN
from vip_rules.server.api.operation import Operation, Parameter, Who

SECURITY: Final = {
    "operator": {"type": "http", "scheme": "bearer", "description": "The shop's token ([server] token)."},
    "customer": {"type": "http", "scheme": "bearer", "description": "The token of a link."},
    "link": {"type": "apiKey", "in": "query", "name": TOKEN, "description": "The token of a link."},
}

_WHO: Final[Mapping[Who, list[dict[str, list[str]]]]] = {
    "operator": [{"operator": []}],
    "customer": [{"customer": []}, {"link": []}],
}

REFUSALS: Final = {
    400: "The request isn't as expected.",
    401: "The token is missing, isn't the shop's, or has expired.",
    403: "It isn't set up in the shop's configuration.",
    404: "There is no such shop, customer or plan.",
    408: "The body didn't come in time.",
    409: "As things are it can't be done.",
    413: "The body is too large.",
    500: "A mistake of ours: the log tells where.",
    503: "The database can't be used at the moment.",
}
"""How requests are refused."""


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """The OpenAPI document of some operations."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "vip-rules",
            "version": __version__,
            "description": "What programs may ask of a shop's VIP program and decide in it, and what a storefront may show.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"securitySchemes": SECURITY, "schemas": {"Problem": problems.SCHEMA}},
    }


def _operation(operation: Operation) -> dict[str, Any]:
    refusal = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers: dict[str, Any] = {"200": {"description": operation.tells, "content": _json(operation.gives)}}
    for status, description in REFUSALS.items():
        answers[str(status)] = {
            "description": f"{HTTPStatus(status).phrase}. {description}",
            "content": refusal,
        }
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.tells,
        **({"description": operation.more} if operation.more else {}),
        "parameters": [_parameter(parameter) for parameter in operation.parameters],
        "security": _WHO[operation.who],
        "responses": answers,
    }
    if operation.body is not None:
        found["requestBody"] = {
            "required": bool(operation.body["required"]),
            "content": _json(operation.body),
        }
    return found


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.tells,
        "required": parameter.place == "path",
        "schema": dict(parameter.schema),
    }


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": dict(schema)}}
