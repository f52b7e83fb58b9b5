"""While the service runs, all that libraries, threads and its own end would print goes through the log, without values."""

import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
import uvicorn
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.logs.lines import logged
from vip_rules.adapter import PlatformFailed
from vip_rules.logs import ServiceFailed

CANARY = "amara@canary.example"


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests use tools that silence all loggers that are there already."""
    for name in (
        "somebody",
        "py.warnings",
        "sqlalchemy",
        "urllib3.connectionpool",
        "uvicorn.access",
        "uvicorn.error",
    ):
        monkeypatch.setattr(logging.getLogger(name), "disabled", False)


def urllib3_asks() -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get("http://127.0.0.1:9/orders", params={"email": CANARY}, timeout=5)


def sqlalchemy_writes() -> None:
    engine = create_engine("sqlite://", echo=None)
    try:
        with engine.connect() as connection:
            connection.execute(text("CREATE TABLE people (email TEXT UNIQUE)"))
            connection.execute(text("INSERT INTO people VALUES (:email)"), {"email": CANARY})
            try:
                connection.execute(text("INSERT INTO people VALUES (:email)"), {"email": CANARY})
            except IntegrityError:
                logging.getLogger("somebody").exception("it failed: %s", CANARY)
    finally:
        engine.dispose()


def a_library_formats_itself() -> None:
    logging.getLogger("somebody").error(f"it failed: {CANARY}")
    logging.getLogger("uvicorn.error").error(f"it failed: {CANARY}")
    logging.getLogger("somebody").error({"email": CANARY})


def python_warns() -> None:
    warnings.simplefilter("always")
    warnings.warn(CANARY, stacklevel=1)


def a_thread_dies() -> None:
    def die() -> None:
        raise ValueError(CANARY)

    thread = threading.Thread(target=die, name=CANARY)
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    ("say", "event"),
    [
        (urllib3_asks, "library_said"),
        (sqlalchemy_writes, "library_failed"),
        (a_library_formats_itself, "library_failed"),
        (python_warns, "library_warned"),
        (a_thread_dies, "crashed"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_no_value_of_a_librarys_is_told(
    say: Callable[[], None], event: str, capfd: pytest.CaptureFixture[str]
) -> None:
    log, lines = logged("debug")
    with warnings.catch_warnings(), log.in_charge():
        logging.getLogger().setLevel(logging.DEBUG)
        say()
    assert event in [line["event"] for line in lines.read_all()]
    assert CANARY not in lines.getvalue()
    assert "".join(capfd.readouterr()) == ""


def test_a_message_is_told_without_its_values_and_a_failure_by_class_and_place() -> None:
    log, lines = logged("debug")
    with log.in_charge():
        try:
            raise ValueError(CANARY)
        except ValueError:
            logging.getLogger("urllib3.connectionpool").exception(
                "Starting new connection (%d): %s", 1, CANARY
            )
    line = lines.last()
    (place,) = line["error"].pop("places")
    assert place.startswith("logs/test_in_charge.py:")
    assert line.pop("place").startswith("test_in_charge.py:")
    assert line == {
        "level": "error",
        "event": "library_failed",
        "logger": "urllib3.connectionpool",
        "message": "Starting new connection (%d): %s",
        "error": {"class": "ValueError"},
    }


def test_libraries_are_heard_from_warnings_on() -> None:
    log, lines = logged("debug")
    with log.in_charge():
        logging.getLogger("somebody").info("working on %s", CANARY)
        logging.getLogger("somebody").warning("working on %s", CANARY)
    assert [line["event"] for line in lines.read_all()] == ["library_warned"]


async def fail(_: Request) -> Response:
    raise ValueError(CANARY)


@contextmanager
def served() -> Iterator[str]:
    """An application behind a real server that fails at every request."""
    app = Starlette(routes=[Route("/customers/{name}", fail)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=True, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
            assert thread.is_alive()
        host, port = server.servers[0].sockets[0].getsockname()
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join()


def test_a_servers_failure_is_told_without_what_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    # A server that keeps no such log, in another test, has switched it off for the whole process.
    monkeypatch.setattr(logging.getLogger("uvicorn.access"), "propagate", True)
    log, lines = logged("debug")
    with log.in_charge(), served() as address:
        logging.getLogger().setLevel(logging.DEBUG)
        assert requests.get(f"{address}/customers/{CANARY}?key={CANARY}", timeout=10).status_code == 500
    failed = [line for line in lines.read_all() if line["event"] == "library_failed"]
    assert [line["error"]["class"] for line in failed] == ["ValueError"]
    assert "logs/test_in_charge.py" in failed[0]["error"]["places"][-1]
    assert CANARY not in lines.getvalue()
    assert "Application startup complete." not in lines.getvalue()
    assert [line["message"] for line in lines.read_all() if line["logger"] == "uvicorn.access"] == [
        "%s - … %d"
    ]


def test_the_end_of_it_all_is_told_without_values() -> None:
    log, lines = logged()
    with (
        pytest.raises(
            ServiceFailed, match=r"a mistake of ours: ValueError at logs/test_in_charge.py:\d+$"
        ) as ended,
        log.in_charge(),
    ):
        raise ValueError(CANARY)
    assert CANARY not in str(ended.value)
    assert lines.last()["event"] == "crashed"


@pytest.mark.parametrize(
    "error", [PlatformFailed("the store doesn't answer"), OSError(98, "in use"), KeyboardInterrupt()]
)
def test_what_can_be_expected_goes_on(error: BaseException) -> None:
    log, lines = logged()
    with pytest.raises(type(error)), log.in_charge():
        raise error
    assert not lines.getvalue()


def test_all_is_as_it_was_before() -> None:
    root = logging.getLogger()

    def state() -> tuple[object, ...]:
        return root.handlers[:], root.level, threading.excepthook, warnings.showwarning

    before = state()
    log, _ = logged()
    with log.in_charge():
        assert state() != before
    assert state() == before
