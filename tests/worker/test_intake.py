import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select

from tests.apply.atelier import NAME, Atelier, customer, order, program
from tests.apply.conftest import Opened
from tests.database.opened import only_sqlite
from tests.worker.bench import project_of
from vip_rules import inbox
from vip_rules.adapter import PlatformFailed
from vip_rules.database import tables
from vip_rules.database.failure import DatabaseFailed
from vip_rules.inbox import LEASE, Arrived
from vip_rules.logs.logs import Logs
from vip_rules.mentions import Mentions
from vip_rules.mirror.dirty import marks
from vip_rules.operations.arrivals import Replays
from vip_rules.operations.switch import pause_of
from vip_rules.store import Page
from vip_rules.testing.webhooks import CHANGED, MemoryWebhooks
from vip_rules.webhooks import Genuine
from vip_rules.worker.intake import MOST, MOST_DEATHS, MOST_TRIES, Intake
from vip_rules.worker.turn import Turn

WEBHOOKS = MemoryWebhooks(NAME, ["secret"])

Fetch = Callable[[Sequence[str], Sequence[str]], Page]


class Post:
    """The intake of a shop, with what the store sends to it."""

    def __init__(self, shop: Atelier) -> None:
        self.shop, self.lines = shop, StringIO()
        self.log = Logs.to(self.lines, clock=shop.clock).of(NAME)
        self.intake = Intake(project_of(shop, WEBHOOKS), self.log)
        self._sent = 0

    def send(
        self, *bodies: dict[str, Any] | bytes, named: str | None = None, topic: str = CHANGED
    ) -> list[int]:
        """Let the store send deliveries, which are kept; gives their numbers."""
        arrived = []
        for says in bodies:
            self._sent += 1
            delivery = WEBHOOKS.delivery(says, id=named or str(self._sent), topic=topic)
            verdict = WEBHOOKS.verify(delivery)
            assert isinstance(verdict, Genuine)
            now = self.shop.means.now()
            arrived.append(
                Arrived(
                    shop=self.shop.shop,
                    topic=verdict.topic,
                    delivery=verdict.id or "",
                    body=delivery.body,
                    sent_at=None,
                    received_at=now,
                )
            )
        with self.shop.database.appending() as connection:
            assert inbox.keep(connection, arrived) == len(bodies)
            query = select(tables.inbox.c.number).order_by(tables.inbox.c.number.desc()).limit(len(bodies))
            return sorted(connection.scalars(query))

    def work(self) -> None:
        """Handle what is due."""
        while self.intake.run():
            pass

    def persist(self, seconds: int = 4 * 3_600) -> None:
        """Work on for so long, resting where that has to be."""
        turn = Turn({"intake": self.intake}, self.log, self.shop.means.now)
        for _ in range(seconds // 60):
            while turn.take():
                pass
            self.shop.clock.advance(seconds=60)

    @property
    def states(self) -> list[str]:
        """What became of the deliveries, in the order of arrival."""
        return [row.state for row in self.rows]

    @property
    def rows(self) -> list[Any]:
        with self.shop.database.reading() as connection:
            return list(connection.execute(select(tables.inbox).order_by(tables.inbox.c.number)))

    @property
    def said(self) -> list[str]:
        """The events in the log."""
        return [json.loads(line)["event"] for line in self.lines.getvalue().splitlines()]

    def dirty(self) -> set[str]:
        with self.shop.database.reading() as connection:
            return set(marks(connection, self.shop.shop))

    def mirrored(self) -> set[str]:
        """The customers who are there."""
        return {who for who, gone in self.shop.rows(tables.customers, "id", "gone") if not gone}

    def owners(self) -> dict[str, str | None]:
        return dict(self.shop.rows(tables.orders, "id", "customer_id"))


@pytest.fixture
def post(running: Atelier) -> Post:
    """A shop with ann (gold), bob (silver) and cat (no tier), enrolled a day ago."""
    running.sync()
    with running.database.writing() as connection:
        connection.execute(tables.dirty.delete())
    return Post(running)


def fetching(post: Post, monkeypatch: pytest.MonkeyPatch, fetch: Fetch) -> list[int]:
    """Put something in the place of the adapter's fetch; gives how many ids each call of it was for."""
    sizes: list[int] = []

    def watched(people: Sequence[str], placed: Sequence[str], *, wanted: frozenset[str]) -> Page:
        sizes.append(max(len(people), len(placed)))
        return fetch(people, placed)

    monkeypatch.setattr(post.shop.adapter, "fetch", watched)
    return sizes


# What is named is read again


def test_what_a_delivery_names_is_read_again_and_its_bytes_are_forgotten(post: Post) -> None:
    post.shop.store.put_customer(customer("dan"))
    post.shop.store.put_order(order("dan", 700, key="d"))
    post.send({"orders": ["d"], "customers": ["dan"]})
    post.work()
    (row,) = post.rows
    assert (row.state, row.body, row.reason, row.leased_until, row.attempts) == ("done", None, None, None, 1)
    assert "dan" in post.mirrored()
    assert post.owners()["d"] == "dan"
    assert post.dirty() == {"dan"}


def test_a_delivery_after_which_nothing_is_different_changes_nothing(post: Post) -> None:
    post.send({"customers": ["ann"], "orders": ["a", "b"]})
    post.work()
    assert post.states == ["done"]
    assert post.dirty() == set()


def test_what_the_store_no_longer_has_is_gone(post: Post) -> None:
    post.shop.store.delete_order("a")
    post.shop.store.delete_customer("bob")
    post.send({"orders": ["a"]}, {"gone_customers": ["bob"], "orders": ["b"]})
    post.work()
    assert post.mirrored() == {"ann", "cat"}
    assert post.owners() == {"b": None, "c": "cat"}


def test_who_is_merged_lives_on(post: Post) -> None:
    post.shop.store.merge("bob", "cat")
    post.send({"merged": [["bob", "cat"]]}, {"customers": ["bob"]}, {"customers": ["cat"]})
    post.work()
    assert post.mirrored() == {"ann", "cat"}
    assert post.owners()["b"] == "cat"


def test_an_older_telling_doesnt_undo_a_newer_one(post: Post) -> None:
    at = datetime(2026, 11, 20, 15, tzinfo=UTC)
    newer = order("cat", 900, key="c")
    post.shop.store.put_order(_at(newer, at.replace(hour=16)))
    post.send({"orders": ["c"]})
    post.work()
    post.shop.store.put_order(_at(order("cat", 1, key="c"), at))
    post.send({"orders": ["c"]})
    post.work()
    assert dict(post.shop.rows(tables.orders, "id", "total"))["c"] == 90_000


def _at(told: Any, at: datetime) -> Any:
    return replace(told, updated_at=at)


def test_an_order_of_a_guest_is_kept_and_nobody_is_evaluated(post: Post) -> None:
    post.shop.store.put_order(order(None, 9_000, key="g"))
    post.send({"orders": ["g"]})
    post.work()
    assert post.owners()["g"] is None
    assert post.dirty() == set()


def test_a_topic_that_isnt_needed_is_ignored(post: Post) -> None:
    post.send(b"\xff\xfe", topic="carts/update")
    post.work()
    (row,) = post.rows
    assert (row.state, row.body) == ("ignored", None)
    assert post.said == []


def test_deliveries_wait_until_the_mirror_is_filled(opened: Opened) -> None:
    shop = opened()
    shop.store.put_customer(customer("ann"))
    post = Post(shop)
    post.send({"customers": ["ann"]})
    assert not post.intake.run()
    assert post.states == ["waiting"]
    shop.sync()
    post.work()
    assert post.states == ["done"]


def test_what_comes_during_a_full_fetch_isnt_taken_for_gone(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = post.shop.adapter.pages

    def interrupted(cursor: str | None, *, full: bool, wanted: frozenset[str]) -> Iterator[Page]:
        for page in pages(cursor, full=full, wanted=wanted):
            # It is told of the store as it was when the reading began.
            yield page
            with monkeypatch.context() as again:
                again.setattr(post.shop.adapter, "pages", pages)
                post.shop.store.put_customer(customer("new"))
                post.shop.store.put_order(order("new", 10, key="n"))
                post.send({"customers": ["new"], "orders": ["n"]})
                post.work()

    monkeypatch.setattr(post.shop.adapter, "pages", interrupted)
    post.shop.sync(full=True)
    assert post.states == ["done"]
    assert "new" in post.mirrored()
    assert post.owners()["n"] == "new"


@only_sqlite
def test_a_delivery_may_name_thousands(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"many-{number}" for number in range(5_000)]

    def fetch(people: Sequence[str], placed: Sequence[str]) -> Page:
        return Page(
            customers=tuple(customer(who) for who in people),
            orders=tuple(order(f"many-{key}", 1, key=key) for key in placed),
        )

    sizes = fetching(post, monkeypatch, fetch)
    post.send({"customers": names, "orders": [str(number) for number in range(1_000)]})
    post.work()
    assert post.states == ["done"]
    assert sizes == [MOST] * 20
    assert len(post.mirrored()) == 5_003
    assert len(post.owners()) == 1_003


# What can't be read


BAD = {
    "empty": b"",
    "deep": b"[" * 100_000,
    "digits": b'{"customers": ["cat"], "id": ' + b"9" * 5_000 + b"}",
    "nan": b'{"customers": ["cat"], "total": NaN}',
    "infinity": b'{"customers": ["cat"], "total": -Infinity}',
    "1e400": b'{"customers": ["cat"], "total": 1e400}',
    "1e1000000": b'{"customers": ["cat"], "total": 1e1000000}',
    "twice": b'{"customers": ["ann"], "customers": ["cat"]}',
    "surrogate": b'{"customers": ["cat", "\\ud800"]}',
    "nul": b'{"customers": ["cat", "\\u0000"]}',
    "utf16": '{"customers": ["cat"]}'.encode("utf-16"),
    "2**63": b'{"customers": ["cat"], "orders": [9223372036854775808]}',
    "long": b'{"customers": ["cat", "' + b"x" * 256 + b'"]}',
    "another shop": b'{"customers": ["cat"], "shop": "elsewhere"}',
    "list": b'["cat"]',
    "form": b"webhook_id=12",
}


@only_sqlite
@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_what_cant_be_read_is_set_aside_and_told_and_the_others_go_on(post: Post, body: bytes) -> None:
    post.shop.store.put_order(order("bob", 900), order("cat", 900))
    post.send({"orders": ["b"]}, body, {"customers": ["bob"]})
    post.work()
    assert post.states == ["done", "quarantined", "done"]
    assert post.said == ["quarantined"]
    assert post.rows[1].body == body
    assert "cat" not in post.dirty()


def test_another_body_under_the_same_id_isnt_believed(post: Post) -> None:
    post.shop.store.put_order(order("bob", 900, key="x"), order("cat", 900, key="y"))
    post.send({"orders": ["x"]}, named="1")
    post.send({"orders": ["y"]}, named="1")
    post.send({"orders": ["y"]}, named="1", topic="another")
    post.work()
    assert post.states == ["done", "quarantined", "ignored"]
    post.send({"orders": ["x", "y"]}, named="1")
    post.work()
    assert post.states == ["done", "quarantined", "ignored", "quarantined"]
    assert post.dirty() == {"bob"}


@only_sqlite
def test_what_makes_the_reader_stumble_is_set_aside(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object) -> object:
        raise RecursionError

    with monkeypatch.context() as stumbling:
        stumbling.setattr(MemoryWebhooks, "read", stumble)
        post.send({"customers": ["ann"]})
        post.work()
    assert post.states == ["quarantined"]
    assert post.said == ["mistaken", "quarantined"]


@only_sqlite
def test_what_a_person_replays_is_taken_as_if_it_were_new(post: Post) -> None:
    (number,) = post.send(b"{")
    post.work()
    with post.shop.database.writing() as connection:
        mended = tables.inbox.update().where(tables.inbox.c.number == number)
        connection.execute(mended.values(body=b'{"customers": ["ann"]}'))
    Replays(post.shop.database, post.shop.shop, post.shop.hand()).replay([number])
    post.work()
    assert post.states == ["done"]


@only_sqlite
def test_without_anybody_to_read_them_they_wait_for_a_person(post: Post) -> None:
    post.send({"customers": ["ann"]})
    post.shop.adapter.webhooks = None
    post.work()
    assert post.states == ["quarantined"]


# People's rights


def test_a_person_who_asks_to_be_forgotten_stays_forgotten(post: Post) -> None:
    post.send({"redact": [{"customer_id": "ann", "email": "ann@shop.example"}]})
    post.work()
    assert post.states == ["done"]
    assert "ann" not in post.mirrored()
    assert post.said == ["redacted"]
    assert post.shop.store.customer("ann").tags == ()
    post.send({"customers": ["ann"], "orders": ["a"]})
    post.work()
    assert "ann" not in post.mirrored()
    assert post.owners()["a"] is None
    post.send({"redact": [{"customer_id": "ann"}]})
    post.work()
    assert post.states == ["done"] * 3
    assert "ann@shop.example" not in post.shop.dump()


def test_a_person_may_be_known_by_their_address_alone(opened: Opened) -> None:
    shop = opened(program=program())
    shop.store.put_customer(customer("ann", email="Ann@Shop.example"), customer("bob", email="b@x.example"))
    shop.sync()
    post = Post(shop)
    post.send({"redact": [{"email": "ann@shop.EXAMPLE"}]})
    post.work()
    assert post.mirrored() == {"bob"}
    assert "shop.example" not in shop.dump().lower()


def test_whoever_was_never_known_is_in_no_dead_letter_either(post: Post) -> None:
    post.send(
        b'{"customers": "eve@shop.example"}',
        b'{"id": "E-7"',
        b'{"email": "\\u00e9ve@shop.example"',
        b'{"id": "E-77"',
        {"disclose": [{"customer_id": "E-7", "email": "eve@shop.example"}]},
    )
    post.work()
    assert post.states == [*["quarantined"] * 4, "parked"]
    post.send(
        {"redact": [{"customer_id": "E-7", "email": "Eve@shop.example"}, {"email": "éve@shop.example"}]}
    )
    post.work()
    assert post.states == ["dropped", "dropped", "dropped", "quarantined", "dropped", "done"]
    assert "eve@shop.example" not in post.shop.dump().lower()
    assert "E-7 " not in post.shop.dump()


def test_a_guest_who_asks_to_be_forgotten_isnt_known_at_all(post: Post) -> None:
    post.shop.store.put_order(order(None, 10, key="g"))
    post.send({"orders": ["g"]}, {"redact": [{"email": "guest@shop.example", "orders": ["g"]}]})
    post.work()
    assert post.states == ["done", "done"]
    assert "guest@shop.example" not in post.shop.dump()


def test_who_lives_on_in_another_is_for_a_person_to_decide(post: Post) -> None:
    post.shop.store.merge("bob", "cat")
    post.send({"merged": [["bob", "cat"]]})
    post.work()
    post.send({"redact": [{"customer_id": "bob"}]})
    post.work()
    assert post.states == ["done", "parked"]
    assert "vip-rules redact cat" in post.rows[1].reason


def test_who_asks_what_is_known_of_them_is_for_a_person_to_answer(post: Post) -> None:
    post.send({"disclose": [{"customer_id": "ann"}]}, {"disclose": [{"email": "guest@shop.example"}]})
    post.work()
    assert post.states == ["parked", "parked"]
    assert "explain" in post.rows[0].reason
    with post.shop.database.writing() as connection:
        assert inbox.forget(connection, post.shop.shop, post.shop.means.now() + 1) == 0


def test_a_store_that_no_longer_lets_us_in_is_paused(post: Post) -> None:
    post.send({"uninstalled": True}, {"customers": ["ann"]})
    post.work()
    assert post.states == ["done", "done"]
    with post.shop.database.reading() as connection:
        pause = pause_of(connection, post.shop.shop)
    assert pause is not None
    assert pause.by == "the store's webhook"
    assert post.said == ["access_ended"]


def test_a_store_that_wants_to_be_forgotten_is_paused_until_a_person_sees_to_it(post: Post) -> None:
    post.send({"erase": True})
    post.work()
    assert post.states == ["parked"]
    with post.shop.database.reading() as connection:
        assert pause_of(connection, post.shop.shop) is not None


# When something fails


@pytest.mark.slow
def test_nothing_is_lost_while_the_store_is_down(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch, store = post.shop.adapter.fetch, post.shop.store
    ends = post.shop.means.now() + 3_600 * 1_000_000

    def down(people: Sequence[str], placed: Sequence[str]) -> Page:
        if post.shop.means.now() < ends:
            raise PlatformFailed("the store doesn't answer: try again later")
        return fetch(people, placed, wanted=frozenset())

    sizes = fetching(post, monkeypatch, down)
    store.put_order(*(order("cat", 1, key=f"x{number}") for number in range(600)))
    post.send(*({"orders": [f"x{number}"]} for number in range(600)))
    post.persist(3_600)
    assert set(post.states) == {"waiting"}
    assert len(sizes) < 20, "a store that is down is asked again and again"
    post.persist(1_800)
    assert set(post.states) == {"done"}
    assert len(post.owners()) == 603


@only_sqlite
def test_a_delivery_that_the_store_cant_answer_doesnt_hold_up_the_others(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(people: Sequence[str], placed: Sequence[str]) -> Page:
        if "bad" in people:
            raise PlatformFailed("the store stumbles")
        return Page()

    fetching(post, monkeypatch, fetch)
    post.send(*({"customers": [f"good-{number}"]} for number in range(300)), {"customers": ["bad"]})
    post.persist(600)
    assert post.states == [*["done"] * 300, "waiting"]
    assert post.rows[-1].reason == "the store stumbles"
    post.send({"customers": ["cat"]})
    post.persist(120)
    assert post.states[-2:] == ["waiting", "done"]


@only_sqlite
def test_a_delivery_that_makes_the_adapter_stumble_is_set_aside_alone(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(people: Sequence[str], placed: Sequence[str]) -> Page:
        if "bad" in people:
            raise ZeroDivisionError
        return Page()

    fetching(post, monkeypatch, fetch)
    goods = [{"customers": [f"good-{number}"]} for number in range(400)]
    post.send(*goods[:100], {"customers": ["bad"]}, *goods[100:])
    post.persist(3_600)
    assert post.states == [*["done"] * 100, "quarantined", *["done"] * 300]
    assert post.rows[100].attempts == MOST_TRIES
    assert post.said.count("quarantined") == 1


@only_sqlite
def test_a_request_of_a_person_that_fails_doesnt_hold_up_the_others(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise ZeroDivisionError

    post.shop.adapter.before = stumble
    post.send({"redact": [{"customer_id": "ann"}]}, {"customers": ["bob"]})
    post.work()
    assert post.states == ["waiting", "done"]
    post.shop.adapter.before = lambda _: None
    post.persist(600)
    assert post.states == ["done", "done"]
    assert "ann" not in post.mirrored()


class Dies(BaseException):
    """The end of a process, as far as can be shown within one."""


def test_what_a_worker_had_in_hand_when_it_died_another_one_takes(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> Page:
        raise Dies

    post.shop.store.put_order(order("cat", 900, key="x"))
    post.send({"orders": ["x"]}, {"customers": ["bob"]})
    with monkeypatch.context() as dying:
        fetching(post, dying, die)
        with pytest.raises(Dies):
            post.intake.run()
    another = Post(post.shop)
    another.work()
    assert another.states == ["waiting", "waiting"]
    post.shop.clock.advance(seconds=LEASE // 1_000_000 + 1)
    another.work()
    assert another.states == ["done", "done"]
    assert another.dirty() == {"cat"}


@only_sqlite
def test_a_delivery_over_which_workers_die_is_set_aside_alone(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fetch(people: Sequence[str], placed: Sequence[str]) -> Page:
        if "deadly" in people:
            raise Dies
        return Page()

    fetching(post, monkeypatch, fetch)
    post.send({"customers": ["one"]}, {"customers": ["deadly"]}, {"customers": ["two"]})
    for _ in range(MOST_DEATHS):
        with pytest.raises(Dies):
            post.work()
        post.shop.clock.advance(seconds=LEASE // 1_000_000 + 1)
    post.work()
    assert post.states == ["done", "quarantined", "done"]


@only_sqlite
def test_a_database_that_fails_in_between_loses_nothing(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DatabaseFailed("the disk is full")

    post.shop.store.put_order(order("cat", 900, key="x"))
    post.send({"orders": ["x"]})
    with monkeypatch.context() as failing:
        failing.setattr("vip_rules.worker.intake.keep", fail)
        with pytest.raises(DatabaseFailed):
            post.intake.run()
    assert post.states == ["waiting"]
    assert post.dirty() == set()
    post.shop.clock.advance(seconds=LEASE // 1_000_000 + 1)
    post.work()
    assert post.states == ["done"]
    assert post.dirty() == {"cat"}


def test_who_comes_too_late_doesnt_undo_what_another_worker_found(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch, slow = post.shop.adapter.fetch, Post(post.shop)

    def paused(people: Sequence[str], placed: Sequence[str]) -> Page:
        # The whole machine stood still; meanwhile another worker did it.
        post.shop.clock.advance(seconds=LEASE // 1_000_000 + 1)
        with monkeypatch.context() as again:
            again.setattr(post.shop.adapter, "fetch", fetch)
            post.work()
        raise PlatformFailed("the connection broke")

    slow.send({"customers": ["ann"]})
    fetching(slow, monkeypatch, paused)
    with pytest.raises(PlatformFailed):
        slow.intake.run()
    assert slow.states == ["done"]


# Several at work


def test_two_workers_share_what_there_is(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def fetch(people: Sequence[str], placed: Sequence[str]) -> Page:
        asked.extend(people)
        return Page()

    fetching(post, monkeypatch, fetch)
    others = [Post(post.shop) for _ in range(3)]
    names = [f"new-{number:04}" for number in range(3 * MOST)]
    post.send(*({"customers": [name]} for name in names))
    threads = [Thread(target=other.work) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    post.work()
    assert set(post.states) == {"done"}
    assert sorted(asked) == names


def test_a_shop_takes_only_what_is_its_own(post: Post) -> None:
    post.send({"customers": ["ann"]})
    other = post.shop.database.shop("other", adapter="memory", currency="USD", timezone="UTC")
    with post.shop.database.writing() as connection:
        connection.execute(tables.inbox.update().values(shop=other))
        assert not inbox.take(connection, post.shop.shop, post.shop.means.now(), MOST)
        assert not inbox.counts(connection, post.shop.shop)
        assert inbox.erase(connection, post.shop.shop, Mentions(["ann"])) == 0
        assert inbox.forget(connection, post.shop.shop, post.shop.means.now() + 1) == 0
        assert len(inbox.take(connection, other, post.shop.means.now(), MOST)) == 1
