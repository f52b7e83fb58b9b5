import json
import resource
import threading
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.database.opened import only_sqlite
from tests.server.lines import Line, post, request
from tests.server.memory import SECRET, SHOP, write_project
from tests.server.processes import serving
from vip_rules.database.connection import Database
from vip_rules.testing.clock import StoppedClock
from vip_rules.testing.days import FIRST
from vip_rules.testing.webhooks import MemoryWebhooks

SENDERS = 16
KILLS = 5
ENOUGH = 200
"""So many are answered before each kill."""

WEBHOOKS = MemoryWebhooks(SHOP, [SECRET])

ANYWHERE = ("[server]", "port = 0")


class Senders:
    """Many at once, each sending one delivery after the other until the line breaks; `answered` are those that were."""

    def __init__(self, url: str, life: int) -> None:
        self.answered: list[str] = []
        self.enough = threading.Event()
        self._url, self._life = url, life
        self._threads = [threading.Thread(target=self._send, args=[number]) for number in range(SENDERS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _send(self, sender: int) -> None:
        with suppress(OSError, HTTPException), Line(self._url) as line:
            for number in range(1_000_000):
                named = f"{self._life}-{sender}-{number}"
                says = {"customers": [named], "note": "x" * 20_000}
                line.send(request(WEBHOOKS.delivery(says, id=named)))
                if line.answer().status != 200:
                    return
                self.answered.append(named)
                if len(self.answered) >= ENOUGH:
                    self.enough.set()


@pytest.mark.slow
def test_what_was_acknowledged_outlives_the_process(tmp_path: Path, plugins: Path, url: str) -> None:
    config = write_project(tmp_path, url, more=ANYWHERE)
    answered: list[str] = []
    for life in range(KILLS):
        with serving(config, plugins, "--no-worker") as service:
            senders = Senders(service.url, life)
            senders.start()
            assert senders.enough.wait(60)
            service.kill()
            senders.join()
            answered += senders.answered
    database = Database.open(url, clock=StoppedClock(FIRST))
    try:
        with database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT delivery, body FROM inbox").all()
    finally:
        database.close()
    kept = {delivery: bytes(body) for delivery, body in rows}
    assert len(answered) >= KILLS * ENOUGH
    assert [named for named in answered if named not in kept] == []
    assert {json.loads(kept[named])["customers"][0] for named in answered} == set(answered)


@only_sqlite
@pytest.mark.slow
def test_when_the_disk_is_full_nothing_is_acknowledged_until_there_is_room(
    tmp_path: Path, plugins: Path, url: str
) -> None:
    config = write_project(tmp_path, url, more=ANYWHERE)

    def delivery(number: int) -> bytes:
        return request(WEBHOOKS.delivery({"customers": [str(number)], "note": "x" * 20_000}, id=str(number)))

    with serving(config, plugins) as service:
        assert post(service.url, delivery(0)).status == 200
        _, hard = resource.prlimit(service.pid, resource.RLIMIT_FSIZE)
        largest = max(file.stat().st_size for file in tmp_path.iterdir())
        resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (largest // 4096 * 4096, hard))
        answers = [post(service.url, delivery(number)) for number in range(1, 100)]
        statuses = [answer.status for answer in answers]
        assert set(statuses) <= {200, 503}
        assert statuses[-1] == 503
        assert answers[-1].headers["retry-after"] == "60"
        resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (hard, hard))
        assert post(service.url, delivery(100)).status == 200
    answered = {"0", "100", *(str(number) for number, status in enumerate(statuses, 1) if status == 200)}
    database = Database.open(url, clock=StoppedClock(FIRST))
    try:
        with database.reading() as connection:
            assert set(connection.exec_driver_sql("SELECT delivery FROM inbox").scalars()) == answered
    finally:
        database.close()
