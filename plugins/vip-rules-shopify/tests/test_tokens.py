"""Access tokens: fixed, asked for each day, renewed each hour."""

from __future__ import annotations

import json
import stat
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import responses

from vip_rules_shopify.admin.failures import AdminFailed
from vip_rules_shopify.admin.grants import Grant
from vip_rules_shopify.admin.tokenfile import read_grant, write_grant
from vip_rules_shopify.admin.tokens import ClientCredentials, RefreshableToken, StaticToken

BASE = "https://atelier.myshopify.com"
URL = f"{BASE}/admin/oauth/access_token"
START = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(registry=responses.registries.OrderedRegistry) as mock:
        yield mock


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "tokens.json"
    write_grant(path, Grant("access 1", START + timedelta(hours=1), "refresh 1"))
    return path


def daily(clock: Clock) -> ClientCredentials:
    return ClientCredentials(BASE, "the id", "the secret", clock=clock)


def hourly(path: Path, clock: Clock) -> RefreshableToken:
    return RefreshableToken(BASE, "the id", "the secret", path, clock=clock)


def grants(shop: responses.RequestsMock, token: str, seconds: int = 86_399, **more: Any) -> None:
    shop.post(URL, json={"access_token": token, "expires_in": seconds, "scope": "read_customers", **more})


def forms(shop: responses.RequestsMock) -> list[dict[str, str]]:
    bodies = [str(call.request.body) for call in shop.calls]
    return [{key: value[0] for key, value in parse_qs(body).items()} for body in bodies]


def test_a_static_token_has_no_other() -> None:
    tokens = StaticToken("shpat_secret")
    assert tokens.token() == "shpat_secret"
    with pytest.raises(AdminFailed, match="make a new token"):
        tokens.refresh("shpat_secret")
    assert "shpat_secret" not in repr(tokens)


def test_a_daily_token_is_asked_for_once(shop: responses.RequestsMock, clock: Clock) -> None:
    grants(shop, "day 1")
    tokens = daily(clock)
    assert [tokens.token(), tokens.token()] == ["day 1", "day 1"]
    assert forms(shop) == [
        {"grant_type": "client_credentials", "client_id": "the id", "client_secret": "the secret"}
    ]


def test_a_daily_token_is_asked_for_anew_before_it_ends(shop: responses.RequestsMock, clock: Clock) -> None:
    grants(shop, "day 1")
    grants(shop, "day 2")
    tokens = daily(clock)
    tokens.token()
    clock.now += timedelta(hours=23, minutes=56)
    assert tokens.token() == "day 2"


def test_a_daily_token_is_used_to_its_end_while_there_is_no_other(
    shop: responses.RequestsMock, clock: Clock
) -> None:
    grants(shop, "day 1")
    shop.post(URL, status=503)
    shop.post(URL, status=503)
    tokens = daily(clock)
    tokens.token()
    clock.now += timedelta(hours=23, minutes=56)
    assert tokens.token() == "day 1"
    clock.now += timedelta(minutes=5)
    with pytest.raises(AdminFailed, match="503"):
        tokens.token()


def test_a_refused_daily_token_is_renewed_once_for_all_threads(
    shop: responses.RequestsMock, clock: Clock
) -> None:
    grants(shop, "day 1")
    grants(shop, "day 2")
    tokens = daily(clock)
    tokens.token()
    assert [tokens.refresh("day 1"), tokens.refresh("day 1"), tokens.token()] == ["day 2"] * 3


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 400, "json": {"error": "invalid_client", "echo": "the secret"}},
        {"status": 401},
        {"status": 302, "headers": {"Location": "https://elsewhere.example"}},
        {"status": 503},
        {"json": {"access_token": "forever"}},
        {"json": {"access_token": "", "expires_in": 5}},
        {"json": []},
        {"body": "<html>"},
        {"body": requests.ConnectionError("the secret")},
    ],
)
def test_where_there_is_no_token_people_are_told_why_but_no_secret(
    shop: responses.RequestsMock, clock: Clock, answer: dict[str, Any]
) -> None:
    shop.post(URL, **answer)
    with pytest.raises(AdminFailed, match=r"atelier\.myshopify\.com") as failed:
        daily(clock).token()
    assert "the secret" not in "".join(traceback.format_exception(failed.value))
    assert failed.value.__context__ is None


def test_an_hourly_token_comes_from_its_file(kept: Path, clock: Clock) -> None:
    assert hourly(kept, clock).token() == "access 1"


def test_an_hourly_token_is_renewed_and_kept_before_it_is_used(
    shop: responses.RequestsMock, kept: Path, clock: Clock
) -> None:
    grants(shop, "access 2", 3600, refresh_token="refresh 2")
    grants(shop, "access 3", 3600, refresh_token="refresh 3")
    tokens = hourly(kept, clock)
    clock.now += timedelta(minutes=56)
    assert tokens.token() == "access 2"
    assert read_grant(kept) == Grant("access 2", clock.now + timedelta(hours=1), "refresh 2")
    assert tokens.refresh("access 2") == "access 3"
    assert [form["refresh_token"] for form in forms(shop)] == ["refresh 1", "refresh 2"]
    assert forms(shop)[0] == {
        "grant_type": "refresh_token",
        "client_id": "the id",
        "client_secret": "the secret",
        "refresh_token": "refresh 1",
    }


def test_what_another_process_has_renewed_is_used(kept: Path, clock: Clock) -> None:
    tokens = hourly(kept, clock)
    assert tokens.token() == "access 1"
    write_grant(kept, Grant("access 2", START + timedelta(hours=2), "refresh 2"))
    assert tokens.refresh("access 1") == "access 2"


def test_many_threads_renew_once(shop: responses.RequestsMock, kept: Path, clock: Clock) -> None:
    grants(shop, "access 2", 3600, refresh_token="refresh 2")
    providers = [hourly(kept, clock) for _ in range(4)]
    renewed: list[str] = []
    threads = [
        threading.Thread(target=lambda each=each: renewed.append(each.refresh("access 1")))
        for each in providers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert renewed == ["access 2"] * 4


def test_a_token_that_cannot_be_kept_is_not_used(
    shop: responses.RequestsMock, kept: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    grants(shop, "access 2", 3600, refresh_token="refresh 2")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    tokens = hourly(kept, clock)
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(AdminFailed, match="No space left on device"):
        tokens.refresh("access 1")
    assert read_grant(kept).token == "access 1"


def test_a_lock_that_cannot_be_had_is_told(kept: Path, clock: Clock) -> None:
    kept.with_name(f"{kept.name}.lock").mkdir()
    with pytest.raises(AdminFailed, match=r"\.lock can't be locked") as failed:
        hourly(kept, clock).refresh("access 1")
    assert failed.value.__cause__ is None
    assert "refresh 1" not in "".join(traceback.format_exception(failed.value))


def test_only_its_owner_may_read_the_file(kept: Path) -> None:
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    write_grant(kept, Grant("access 2", START, "refresh 2"))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_the_first_tokens_are_kept_for_later(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "tokens.json"
    hourly(path, clock).keep(Grant("access 1", START + timedelta(hours=1), "refresh 1"))
    assert hourly(path, clock).token() == "access 1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"access_token": "secret"}',
        '{"access_token": "secret", "expires_at": "2026-11-22T12:00:00"}',
        '{"access_token": 7, "expires_at": "2026-11-22T12:00:00Z"}',
        '{"access_token": "secret", "expires_at": "soon"}',
    ],
)
def test_a_broken_file_is_told_without_what_is_in_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(text)
    with pytest.raises(AdminFailed, match="doesn't hold tokens") as failed:
        read_grant(path)
    assert "secret" not in "".join(traceback.format_exception(failed.value))


def test_a_missing_file_says_what_to_do(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(AdminFailed, match="install the app in the shop first"):
        hourly(tmp_path / "tokens.json", clock).token()


def test_a_file_without_a_refresh_token_says_what_to_do(kept: Path, clock: Clock) -> None:
    write_grant(kept, Grant("access 1", START))
    with pytest.raises(AdminFailed, match="no refresh token"):
        hourly(kept, clock).refresh("access 1")


def test_a_grant_keeps_its_tokens_to_itself(kept: Path) -> None:
    assert json.loads(kept.read_text())["refresh_token"] == "refresh 1"
    assert "access 1" not in repr(read_grant(kept))
    assert "refresh 1" not in repr(read_grant(kept))
