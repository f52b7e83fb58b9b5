"""What the service is held against: bare applications on the same server, without anything of the service's.

`nothing` reads a webhook and answers; `each` keeps it in a transaction of its own before it does.
"""

import sqlite3
import sys
from contextlib import closing

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


async def nothing(request: Request) -> Response:
    """Read it, and forget it."""
    await request.body()
    return Response()


async def each(request: Request) -> Response:
    """Keep it at once."""
    body = await request.body()
    request.app.state.connection.execute("INSERT INTO inbox (body) VALUES (?)", (body,))
    return Response()


def main() -> None:
    """PEER PORT FILE"""
    peer, port, file = sys.argv[1:]
    route = Route("/webhooks/{shop}", {"nothing": nothing, "each": each}[peer], methods=["POST"])
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS inbox (number INTEGER PRIMARY KEY, body BLOB)")
        app = Starlette(routes=[route])
        app.state.connection = connection
        uvicorn.run(app, port=int(port), http="httptools", ws="none", access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
