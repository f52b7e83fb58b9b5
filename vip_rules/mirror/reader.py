"""A process that reads a database over Arrow and hands the frames on: started by `transport`, never by people.

It is a process of its own because Arrow's driver brings its own SQLite, and two of them in one process take each other's locks
away: the first that closes the file frees them all (SQLite: "How To Corrupt An SQLite Database File", 2.2).
"""

from __future__ import annotations

import io
import json
import sys
from typing import IO, Any

import polars as pl


def main() -> None:
    """Read the job from standard input, and write each query's frame to standard output as length and Arrow stream."""
    job = json.load(sys.stdin)
    with connected(job) as connection, connection.cursor() as cursor:
        for statement in job["before"]:
            cursor.execute(statement)
            cursor.fetchall()
        for query in job["queries"]:
            cursor.adbc_statement.set_options(**job["options"])
            cursor.execute(query)
            hand_on(pl.DataFrame(cursor.fetch_arrow()), sys.stdout.buffer)


def connected(job: dict[str, Any]) -> Any:
    """The connection of a job."""
    if job["driver"] == "sqlite":
        from adbc_driver_sqlite import dbapi

        return dbapi.connect(job["uri"])
    from adbc_driver_postgresql import dbapi as postgres

    return postgres.connect(job["uri"])


def hand_on(frame: pl.DataFrame, pipe: IO[bytes]) -> None:
    """Write a frame to a pipe, its length first."""
    stream = io.BytesIO()
    frame.write_ipc_stream(stream)
    pipe.write(stream.tell().to_bytes(8, "big"))
    pipe.write(stream.getbuffer())
    pipe.flush()


def take(pipe: IO[bytes]) -> pl.DataFrame | None:
    """The next frame of a pipe; None at its end."""
    length = int.from_bytes(pipe.read(8), "big")
    return pl.read_ipc_stream(io.BytesIO(pipe.read(length))) if length else None


if __name__ == "__main__":
    main()
