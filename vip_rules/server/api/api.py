"""The API: routes made of operations. Who asks and what is checked; answers come from the database, never the store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, Final

from anyio import CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vip_rules.errors import VipRulesError
from vip_rules.logs.log import Log
from vip_rules.project import Project
from vip_rules.server.api import customers, plans, shop
from vip_rules.server.api.checks import TOKEN, body_of, path_of, query_of
from vip_rules.server.api.openapi import document
from vip_rules.server.api.operation import Asked, Operation
from vip_rules.server.api.problems import Refused, refusal
from vip_rules.server.api.tokens import check_operator, customer_of
from vip_rules.server.desk import Desk

OPERATIONS: Final = (*customers.OPERATIONS, *shop.OPERATIONS, *plans.OPERATIONS)
"""All that can be asked."""

LARGEST: Final = 16 * 1024
"""Bytes that a body may have."""

SLOW: Final = 10
"""Seconds that somebody has for the whole body."""

AT_ONCE: Final = 4
"""Questions that are answered at a time: the others wait, and webhooks and workers go on."""

GUARD: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""What browsers and proxies are told with every answer."""


class Api:
    """The routes of the API of some shops, by their names. `log` is for what is about none of them."""

    def __init__(self, desks: Mapping[str, Desk], log: Log) -> None:
        self._desks, self._log = desks, log
        self._at_once = CapacityLimiter(AT_ONCE)
        self._document = json.dumps(document(OPERATIONS), ensure_ascii=False)

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/openapi.json", self._described, methods=["GET"]),
            *(self._route(operation) for operation in OPERATIONS),
        ]

    async def _described(self, _: Request) -> Response:
        return Response(self._document, media_type="application/json", headers=GUARD)

    def _route(self, operation: Operation) -> Route:
        async def endpoint(request: Request) -> Response:
            shared = self._shared(operation, request)
            if request.method == "OPTIONS":
                return _preflight(request, shared)
            response = await self._answer(operation, request)
            response.headers.update(GUARD | shared)
            return response

        methods = [operation.method, *(["OPTIONS"] if operation.who == "customer" else [])]
        return Route(operation.path, endpoint, methods=methods, name=operation.name)

    async def _answer(self, operation: Operation, request: Request) -> Response:
        """The answer to a request, whatever happens."""
        log = self._log
        try:
            desk = self._desks.get(request.path_params["shop"])
            if desk is None:
                raise Refused(404, "there is no shop of this name here")
            log = desk.log
            asked = await self._asked(operation, request, desk.project)
            found = await to_thread.run_sync(operation.answer, asked, limiter=self._at_once)
            if operation.decides:
                desk.nudge.set()
            return JSONResponse(found)
        except Refused as refused:
            return refused.response
        except VipRulesError as error:
            told = refusal(error)
            if told.status >= 500:
                log.failed("api", error)
            return told.response
        except Exception as error:
            # Nobody expects this one: whoever asked learns that it is no fault of theirs.
            log.failed("api", error)
            return Refused(500, "it failed by a mistake of ours: the service's log tells where").response

    async def _asked(self, operation: Operation, request: Request, project: Project) -> Asked:
        """A request, checked: first who asks. Raises Refused."""
        customer = None
        if operation.who == "customer":
            customer = customer_of(project, request.headers, request.query_params.get(TOKEN))
        else:
            check_operator(project, request.headers)
        return Asked(
            project=project,
            path=path_of(operation, request.path_params),
            query=query_of(operation, request.query_params.multi_items()),
            body=body_of(operation, await _body(request)),
            customer=customer,
        )

    def _shared(self, operation: Operation, request: Request) -> dict[str, str]:
        """Which pages may read the answer (CORS): those of the shop's storefronts what is a customer's, others nothing."""
        desk, origin = self._desks.get(request.path_params["shop"]), request.headers.get("origin")
        if operation.who != "customer" or desk is None:
            return {}
        if origin is None or origin not in desk.project.config.server["storefronts"]:
            return {"Vary": "Origin"}
        return {"Vary": "Origin", "Access-Control-Allow-Origin": origin}


def _preflight(request: Request, shared: Mapping[str, str]) -> Response:
    """What a browser is told that asks whether a page may ask."""
    if "access-control-request-method" not in request.headers:
        response = Refused(405, "expected GET", {"Allow": "GET, HEAD"}).response
        response.headers.update(GUARD)
        return response
    allowed = {
        "Access-Control-Allow-Methods": "GET",
        "Access-Control-Allow-Headers": "Authorization",
        "Access-Control-Max-Age": "3600",
    }
    return Response(status_code=204, headers={**GUARD, **shared, **(allowed if len(shared) > 1 else {})})


async def _body(request: Request) -> bytes:
    """The whole body. Raises Refused for one that is too large or too slow."""
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(SLOW):
            async for chunk in request.stream():
                size += len(chunk)
                if size > LARGEST:
                    raise Refused(413, f"a body has at most {LARGEST} bytes here", {"Connection": "close"})
                chunks.append(chunk)
    except TimeoutError:
        raise Refused(408, f"the body didn't come within {SLOW} seconds", {"Connection": "close"}) from None
    except ClientDisconnect:
        raise Refused(400, "the body ended early") from None
    return b"".join(chunks)


def unrouted(_: Request, error: Any) -> Response:
    """What is answered where nothing is, or nothing by this method. `error` is Starlette's HTTPException."""
    if error.status_code == 405:
        allowed = ", ".join(sorted(error.headers["Allow"].split(", ")))
        refused = Refused(405, f"expected {allowed}", {"Allow": allowed})
    else:
        refused = Refused(
            error.status_code, "there is nothing at this path: /openapi.json tells what there is"
        )
    response = refused.response
    response.headers.update(GUARD)
    return response
