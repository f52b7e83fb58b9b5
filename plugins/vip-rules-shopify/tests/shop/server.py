"""The fake shop: its state, and the two servers of its API and its files."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from vip_rules.store import StoreCustomer, StoreOrder
from vip_rules.webhooks import Delivery

from tests.shop import admin, deliveries, filling
from tests.shop.access import refused_for
from tests.shop.answer import DROPPED, Answer, json_answer, text_answer
from tests.shop.bucket import Bucket
from tests.shop.bulk import BulkOperation, BulkOperations
from tests.shop.bulkfiles import BulkFiles
from tests.shop.executor import FakeLacks
from tests.shop.faults import Call, Fault, Faults, Planned
from tests.shop.files import file_answer
from tests.shop.listener import Listener, Request
from tests.shop.roots import query_root
from tests.shop.state import Customer, Order, Product, Refund, State
from tests.shop.tokens import STATIC, Tokens

_API: Final = re.compile(r"/admin/api/([^/]+)/graphql\.json")
_FILE: Final = re.compile(r"/bulk-files/(\d+)(-partial)?\.jsonl")
_STATUS: Final = {Fault.HTTP_500: 500, Fault.HTTP_502: 502, Fault.HTTP_503: 503}


class FakeShopify(State):
    """A shop that is served on the loopback while it is entered: `url` is where its API is.

    All of its state may be filled, changed and looked into, under `lock` where requests may be under way. `calls` are the
    requests so far. What the fake doesn't know is a failure of the test: it is raised when the shop is left.

    with FakeShopify(clock=clock) as shop:
        shop.put_customer(customer)
        ...ask shop.url with shop.token...
        assert shop.count("TagsAdd") == 1
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.bucket = Bucket(clock)
        self.tokens = Tokens(clock)
        self.faults = Faults()
        self.bulk = BulkOperations(self)
        self.bulk.root = lambda: query_root(self, self.bulk)
        self.bulk.admit = lambda typename, field: refused_for(self, typename, field)
        self.bulk.address = self._file_address
        self.costs: dict[str, int] = {}
        self.served_version: str | None = None
        self.calls: list[Call] = []
        self.gaps: list[str] = []
        self._api: Listener | None = None
        self._files: Listener | None = None

    def __enter__(self) -> Self:
        self._api = Listener(self._answer_api)
        self._files = Listener(self._answer_file)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if kind is None and self.gaps:
            raise FakeLacks("; ".join(dict.fromkeys(self.gaps)))

    def close(self) -> None:
        """Stop answering, without waiting for anybody."""
        for listener in (self._api, self._files):
            if listener is not None:
                listener.close()
        self._api = self._files = None

    @property
    def url(self) -> str:
        """Where the shop is: the address before /admin."""
        assert self._api is not None, "the shop is served only while it is entered"
        return self._api.url

    @property
    def token(self) -> str:
        """An access token that is always good."""
        return STATIC

    # Looking in

    def count(self, operation: str) -> int:
        """How many requests there were with an operation's name, whatever came of them."""
        return sum(call.operation == operation for call in self.calls)

    def operations(self) -> Counter[str | None]:
        """The requests so far by the names of their operations."""
        return Counter(call.operation for call in self.calls if call.kind == "graphql")

    # Filling

    def put_customer(self, customer: StoreCustomer) -> Customer:
        """A customer, or in the place of the one with the same id; what is ours of the earlier one stays."""
        with self.lock:
            return filling.put_customer(self, customer)

    def put_order(
        self, order: StoreOrder, *, taxes_included: bool | None = None, shipping_tax: int = 0
    ) -> Order:
        """An order, or in the place of the one with the same id, as Shopify would show it.

        Of the tax `shipping_tax` is on shipping. Raises ValueError for what no Shopify order can be.
        """
        with self.lock:
            return filling.put_order(self, order, taxes_included, shipping_tax)

    def refund(
        self,
        order: int,
        money: int = 0,
        *,
        lines: Mapping[int, int] | None = None,
        shipping: tuple[int, int] | None = None,
    ) -> Refund:
        """Refund an order: units of lines (by their place from 0), shipping and its tax, and `money` beyond those."""
        with self.lock:
            return filling.refund(self, self.orders[order], money, lines or {}, shipping)

    def put_product(
        self, title: str, product_type: str = "", vendor: str = "", sku: str | None = None
    ) -> Product:
        """The product of a title, type and vendor: the one that there is, or a new one."""
        with self.lock:
            return filling.put_product(self, title, product_type, vendor, sku)

    def merge(self, kept: int, gone: int) -> dict[str, Any]:
        """One customer lives on in another, with orders, tags and credit; what a delivery of customers/merge says of it."""
        with self.lock:
            return filling.merge(self, self.customers[kept], gone)

    def serve_bulk(self, files: BulkFiles) -> None:
        """Let bulk operations over customers and orders end up in files that were written before."""
        self.bulk.files = {
            "customers": (files.customers, files.customer_lines, files.customer_lines),
            "orders": (files.orders, files.order_lines, files.order_roots),
        }

    # Telling

    def webhook(
        self,
        topic: str,
        payload: Mapping[str, Any] | None = None,
        secret: str | None = None,
        *,
        of: int | None = None,
        event_id: str | None = None,
        triggered_at: datetime | None = None,
    ) -> Delivery:
        """A delivery of a topic such as "orders/paid", signed as Shopify signs: of a payload, or of the thing with an id."""
        with self.lock:
            content = payload if payload is not None else deliveries.payload(self, topic, of)
            return deliveries.signed(
                self, topic, content, secret or self.tokens.client_secret, event_id, triggered_at
            )

    def payload(self, topic: str, of: int | None = None) -> dict[str, Any]:
        """What a delivery of a topic says of the thing with an id."""
        with self.lock:
            return deliveries.payload(self, topic, of)

    # Answering

    def _answer_api(self, request: Request) -> Answer:
        path = urlsplit(request.path).path
        if path == "/admin/oauth/access_token":
            return self._grant(request)
        api = _API.fullmatch(path)
        if request.method != "POST" or api is None:
            return json_answer({"errors": "Not Found"}, 404)
        body: Any = None
        with suppress(ValueError):
            body = json.loads(request.body)
        asked = admin.read(body)
        with self.lock:
            call = Call(
                kind="graphql",
                number=self.faults.number("graphql"),
                operation=asked.name,
                fields=asked.fields,
                variables=asked.variables,
                document=body.get("query", "") if isinstance(body, dict) else "",
                path=request.path,
                headers=request.headers,
                mutation=asked.mutation,
            )
            self.calls.append(call)
            planned = self.faults.next(call)
            before = _instead(planned)
            if before is not None:
                return before
            if not self.tokens.good(call.header("X-Shopify-Access-Token")):
                return _unauthorized()
            if planned is not None and planned.fault is Fault.INTERNAL_ERROR:
                return json_answer(admin.internal_error())
            self.bulk.planned = planned.fault if planned is not None else None
            try:
                content = admin.run(self, asked, planned)
            except FakeLacks as gap:
                self.gaps.append(f"{asked.name}: {gap}")
                return text_answer(f"the fake lacks something: {gap}".encode(), 500)
            except Exception as error:
                self.gaps.append(f"{asked.name}: the fake failed: {error!r}")
                raise
        version = {"X-Shopify-API-Version": self.served_version or api[1]}
        return _afterwards(planned, json_answer(content, headers=version))

    def _grant(self, request: Request) -> Answer:
        with self.lock:
            call = Call(
                kind="token", number=self.faults.number("token"), path=request.path, headers=request.headers
            )
            self.calls.append(call)
            planned = self.faults.next(call)
            before = _instead(planned)
            if before is not None:
                return before
            scope = ",".join(sorted(self.scopes))
            answer = self.tokens.grant(request.body, call.header("Content-Type") or "", scope)
        return _afterwards(planned, answer)

    def _answer_file(self, request: Request) -> Answer:
        with self.lock:
            call = Call(
                kind="download",
                number=self.faults.number("download"),
                path=request.path,
                headers=request.headers,
            )
            self.calls.append(call)
            planned = self.faults.next(call)
            before = _instead(planned)
            if before is not None:
                return before
            address = urlsplit(request.path)
            found = _FILE.fullmatch(address.path)
            operation = self.bulk.operations.get(int(found[1])) if found else None
            if operation is None or address.query != _signature(operation):
                return text_answer(b"<Error><Code>AccessDenied</Code></Error>", 403)
            if call.header("X-Shopify-Access-Token") or call.header("Authorization"):
                return text_answer(b"<Error><Code>InvalidArgument</Code></Error>", 400)
        truncated = planned is not None and planned.fault is Fault.TRUNCATED_JSONL
        return _afterwards(planned, file_answer(operation, call.header("Range"), truncated))

    def _file_address(self, number: int, partial: bool) -> str:
        assert self._files is not None
        operation = self.bulk.operations[number]
        part = "-partial" if partial else ""
        return f"{self._files.url}/bulk-files/{number}{part}.jsonl?{_signature(operation)}"


def _signature(operation: BulkOperation) -> str:
    return f"X-Goog-Expires=604800&X-Goog-Signature=signed{operation.id * 7919:x}"


def _instead(planned: Planned | None) -> Answer | None:
    """The answer to a request that never comes to its work."""
    if planned is None:
        return None
    fault = planned.fault
    if fault is Fault.LOST_REQUEST:
        return DROPPED
    if fault is Fault.UNAUTHORIZED:
        return _unauthorized()
    if fault is Fault.TOO_MANY_REQUESTS:
        after = {"Retry-After": f"{planned.seconds:.1f}"}
        return json_answer({"errors": "Exceeded 2 calls per second for api client."}, 429, after)
    if fault in _STATUS:
        return text_answer(b"<html><body>something went wrong</body></html>", _STATUS[fault])
    return None


def _afterwards(planned: Planned | None, answer: Answer) -> Answer:
    """What becomes of an answer on its way."""
    if planned is None:
        return answer
    match planned.fault:
        case Fault.LOST_ANSWER:
            return DROPPED
        case Fault.INTERNAL_ERROR_DONE:
            return json_answer(admin.internal_error(), headers=answer.headers)
        case Fault.HTTP_502_DONE:
            return text_answer(b"<html><body>Bad Gateway</body></html>", 502)
        case Fault.WRONG_JSON:
            return text_answer(b'<html>{"data":', 200, answer.headers)
        case Fault.HALF_ANSWER:
            return Answer(
                status=answer.status,
                headers=answer.headers,
                length=answer.length,
                pieces=answer.pieces,
                half=True,
            )
        case Fault.SLOW:
            return Answer(
                status=answer.status,
                headers=answer.headers,
                length=answer.length,
                pieces=answer.pieces,
                seconds=planned.seconds,
            )
    return answer


def _unauthorized() -> Answer:
    message = "[API] Invalid API key or access token (unrecognized login or wrong password)"
    return json_answer({"errors": message}, 401)
