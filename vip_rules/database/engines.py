"""How connections are made and set up: those to a SQLite file, and those to PostgreSQL."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event

from vip_rules.database.failure import DatabaseFailed

WRITES: Final = "vip_rules_writes"
"""The execution option of transactions that may write."""

_SETTINGS: Final = {
    # The lock of a machine that is gone is free again within a minute.
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    # A lock is held by a session that does nothing else.
    "idle_session_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "statement_timeout": "0",
}
"""Of each session."""

_CONNECTING: Final[dict[str, Any]] = {
    "client_encoding": "utf8",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "application_name": "vip-rules",
}
"""How to connect: a server that is gone is noticed."""


def sqlite(url: URL, patience: float, *, checkpoints: bool) -> Engine:
    """The engine of a file. Threads may share it, each with a connection of its own at a time.

    Without `checkpoints`, no commit writes the log into the file: somebody else sees to that.
    """
    engine = create_engine(url, connect_args={"timeout": patience})
    pragmas = [
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "cache_size=-65536",
    ]
    if not checkpoints:
        pragmas.append("wal_autocheckpoint=0")

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        # Python's driver begins no transactions of its own then; `begun` does.
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def postgresql(url: URL, patience: float, *, keeps: bool = True) -> Engine:
    """The engine of a database of PostgreSQL. It `keeps` some connections; without, each is closed when it is given back."""
    pool: dict[str, Any] = {"pool_pre_ping": True} if keeps else {"poolclass": NullPool}
    # What the URL says counts.
    connecting = {name: value for name, value in _CONNECTING.items() if name not in url.query}
    engine = create_engine(url, connect_args=connecting, **pool)
    settings = _SETTINGS | {"lock_timeout": f"{max(1, round(1000 * patience))}ms"}
    said = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in settings.items())
    # What was committed survives a loss of power, whatever the server is set to.
    durable = "set_config('synchronous_commit', 'on', false)"
    setting = f"SELECT {said}, CASE current_setting('synchronous_commit') WHEN 'off' THEN {durable} END"

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
            connection.close()
            raise DatabaseFailed(
                f"the database {url.database} keeps texts in {encoding}: make one WITH ENCODING 'UTF8', and name it"
            )
        connection.autocommit = True
        connection.execute(setting)
        connection.autocommit = False

    return engine
