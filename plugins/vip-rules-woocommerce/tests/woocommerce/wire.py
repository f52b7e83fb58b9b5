"""How requests and answers travel: HTTP/1.1 on the loopback, a thread for each connection, and what goes wrong on the way."""

from __future__ import annotations

import json
import socket
import sys
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl, urlsplit

from tests.woocommerce.access import Knock
from tests.woocommerce.calls import HOME_LINK, Answer, Call, Problem
from tests.woocommerce.faults import Fault, Planned
from tests.woocommerce.shelf import rendered

if TYPE_CHECKING:
    from tests.woocommerce.server import FakeWooCommerce

_ROOT: Final = "/wp-json/wc/v3"
_JSON: Final = "application/json; charset=UTF-8"
_PAGE: Final = (
    "<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Back in a minute.</body></html>"
)
_ERRORS: Final = frozenset({Fault.ANSWER, Fault.ANSWER_AFTER})
_LOST: Final = frozenset({Fault.LOST_REQUEST, Fault.LOST_ANSWER})
_UNDONE: Final = frozenset({Fault.LOST_REQUEST, Fault.ANSWER, Fault.HTML})


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A request as it came in, understood as far as its path. `problem` is what is wrong with its body."""

    call: Call
    knock: Knock
    problem: Problem | None
    site: bool = False


class Server(ThreadingHTTPServer):
    """Listens on the loopback. Clients may go away, or be killed, at any time."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, shop: FakeWooCommerce) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.shop = shop
        self.stopping = Event()
        self.open: set[socket.socket] = set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what the shop itself did wrong; a connection that broke is no error."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.shop.crashes.append(error)

    def hang_up(self) -> None:
        """End all connections, so that none of their threads goes on waiting."""
        self.stopping.set()
        for connection in self.open.copy():
            _hang_up(connection)


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        """Begin a connection."""
        super().setup()
        self._server.open.add(self.connection)

    def finish(self) -> None:
        """End a connection."""
        self._server.open.discard(self.connection)
        try:
            super().finish()
        except OSError:
            # The other side is gone: there is nothing left to say to it.
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        """Nothing is written: `calls` has all of them."""

    def do_GET(self) -> None:
        """Answer a request of any method."""
        shop = self._server.shop
        heard = shop.hears(self._heard())
        planned = shop.faults.next(heard.call)
        if shop.delay:
            self._server.stopping.wait(shop.delay)
        answer = Answer() if planned and planned.fault in _UNDONE else shop.answer(heard)
        if answer.first is not None:
            answer.first()
        if planned is None:
            self._send(answer)
            return
        planned.meanwhile(heard.call)
        self._server.stopping.wait(planned.seconds)
        if planned.fault in _LOST:
            self.close_connection = True
            _hang_up(self.connection)
            return
        self._send(_instead(planned, answer), half=planned.fault is Fault.HALF_ANSWER)

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET  # noqa: N815 - the parent's way

    @property
    def _server(self) -> Server:
        return cast(Server, self.server)

    def _heard(self) -> Heard:
        address = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        raw = self.rfile.read(int(headers.get("content-length") or 0))
        arguments = tuple(parse_qsl(address.query, keep_blank_values=True))
        query = _merged(arguments)
        shop = self._server.shop
        path = query.pop("rest_route", None)
        by_route = path is not None
        path = (f"/wp-json{path}" if path is not None else address.path).rstrip("/")
        body, problem = _body(raw, headers.get("content-type", ""))
        method = query.pop("_method", None) or headers.get("x-http-method-override") or self.command
        call = Call(
            number=0,
            method=method.upper(),
            path=path.removeprefix(_ROOT) or "/" if path.startswith(_ROOT) else path,
            query={
                name: value for name, value in query.items() if not name.startswith(("oauth_", "consumer_"))
            },
            body=body,
            headers=headers,
        )
        scheme = "https" if shop.secure else "http"
        # Keys are looked for only under an address with wp-json in it.
        knock = Knock(
            method=self.command,
            url=f"{scheme}://{headers.get('host', '')}{address.path}",
            arguments=() if by_route else arguments,
            authorization="" if by_route or shop.loses_authorization else headers.get("authorization", ""),
            secure=shop.secure,
        )
        reachable = by_route or shop.permalinks
        site = path == "/wp-json"
        return Heard(call=call, knock=knock, problem=problem if reachable else _Nowhere(), site=site)

    def _send(self, answer: Answer, *, half: bool = False) -> None:
        content = answer.ready if answer.ready is not None else rendered(answer.body)
        sent = content.encode() if isinstance(content, str) else content
        shop = self._server.shop
        home = f'<{shop.url}/wp-json/>; rel="{HOME_LINK}"'
        headers = {"Content-Type": _JSON, "Link": home, **answer.headers, "Content-Length": str(len(sent))}
        self.send_response_only(answer.status)
        self.send_header("Server", "nginx")
        self.send_header("Date", format_datetime(shop.clock().astimezone(UTC), usegmt=True))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(sent[: len(sent) // 2] if half else sent)
        self.wfile.flush()
        if half:
            self.close_connection = True


def _instead(planned: Planned, answer: Answer) -> Answer:
    if planned.fault is Fault.HTML:
        headers = {"Content-Type": "text/html; charset=UTF-8", **planned.headers}
        return Answer(status=planned.status, headers=headers, ready=_PAGE)
    if planned.fault in _ERRORS:
        problem = Problem(planned.status, planned.code, planned.message)
        return Answer(problem.body, planned.status, dict(planned.headers))
    return answer


class _Nowhere(Problem):
    """The page that a web server shows where the shop has no pretty addresses."""

    def __init__(self) -> None:
        super().__init__(404, "not_found", "The page isn't there.")


def nowhere(problem: Problem) -> Answer | None:
    """The web server's own page, where the shop wasn't even reached."""
    if not isinstance(problem, _Nowhere):
        return None
    return Answer(status=404, headers={"Content-Type": "text/html; charset=UTF-8"}, ready=_PAGE)


def _merged(arguments: tuple[tuple[str, str], ...]) -> dict[str, str]:
    query: dict[str, str] = {}
    for name, value in arguments:
        plain, bracket, _ = name.partition("[")
        query[plain] = f"{query[plain]},{value}" if bracket and plain in query else value
    return query


def _body(raw: bytes, content_type: str) -> tuple[Any, Problem | None]:
    if not raw or "json" not in content_type.lower():
        return None, None
    try:
        return json.loads(raw), None
    except ValueError:
        data = {"json_error_code": 4, "json_error_message": "Syntax error"}
        return None, Problem(400, "rest_invalid_json", "Invalid JSON body passed.", **data)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # It was closed before.
        return
