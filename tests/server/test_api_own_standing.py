"""A customer's own standing: whoever has the link sees it, nobody else, and nothing besides."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import select

from tests.server.asking import LINKS, SETTINGS, STOREFRONT, TOKEN, Asking, asking
from vip_rules.database.tables import metadata
from vip_rules.operations.erasure import erase
from vip_rules.operations.pins import pin
from vip_rules.server.api.links import Links
from vip_rules.standing import Pin

SHOP = "/api/my-shop"
ME = f"{SHOP}/me"
DAY = timedelta(days=1)


def link(api: Asking, customer: str = "bruno", **body: Any) -> Any:
    return api.decides(f"{SHOP}/customers/{customer}/link", body)


def test_a_link_shows_a_customers_own_standing(unchanged: Asking) -> None:
    made = link(unchanged)
    assert made["expires_at"] == "2026-11-21T17:00:00+00:00"
    assert urlsplit(made["path"]).path == ME
    found = unchanged.data(made["path"], token=None)
    assert found == unchanged.data(ME, token=made["token"])
    assert found["tier"] == {"id": "silver", "name": "Silver VIP"}
    assert found["next_tier"] == {"id": "gold", "name": "Gold VIP"}
    assert found["until"] == "2027-03-28"
    assert "10 % discount (combines with shipping discounts)" in found["benefits"]
    (missing,) = found["missing"]
    assert (missing["metric"], missing["figure"], missing["gap"], missing["by"]) == (
        "spend[12 months]",
        "1300.00",
        "3700.00",
        missing["by"],
    )
    assert "5,000.00 USD needed, 1,300.00 USD now" in missing["says"]


def test_what_operators_know_isnt_in_it(api: Asking) -> None:
    project = api.project
    vip = Pin(tier="platinum", until=None, reason="his uncle is the owner", by="Ann", floor=False)
    pin(project.database, project.shop, project.program, "bruno", vip, project.hand("Ann"))
    found = api.get(link(api)["path"], token=None)
    assert found.json()["tier"]["id"] == "platinum"
    for theirs in ("bruno", "@", "uncle", "Ann", "history", "outbox", "enrolment", "effects", "version"):
        assert theirs not in found.text


def test_who_has_no_tier_sees_the_way_to_the_first_one(unchanged: Asking) -> None:
    found = unchanged.data(link(unchanged, "chen")["path"], token=None)
    assert (found["tier"], found["until"], found["to_keep"]) == (None, None, [])
    assert found["next_tier"]["id"] == "silver"


def test_a_link_expires(api: Asking) -> None:
    made = link(api, hours=2)
    api.clock.advance(seconds=2 * 3600 - 1)
    assert api.get(made["path"], token=None).ok
    api.clock.advance(seconds=1)
    answer = api.get(made["path"], token=None)
    assert api.refuses(answer, 401) == "the link has expired: ask the shop for another one"


@pytest.mark.parametrize("hours", [0, -1, 24 * 366 + 1, "24", 1.5, None])
def test_a_link_lasts_for_hours_up_to_a_year(unchanged: Asking, hours: Any) -> None:
    assert "hours: " in unchanged.refuses(
        unchanged.post(f"{SHOP}/customers/bruno/link", {"hours": hours}), 400
    )


def test_a_link_needs_no_body(unchanged: Asking) -> None:
    assert unchanged.post(f"{SHOP}/customers/bruno/link").ok


def test_a_forged_link_shows_nothing(unchanged: Asking) -> None:
    good = link(unchanged)["token"]
    payload, _, signature = good.partition(".")
    others = [
        Links("another secret", "my-shop", unchanged.clock),
        Links(LINKS, "another-shop", unchanged.clock),
    ]
    made = [links.make("bruno", DAY)[0] for links in others]
    for token in (
        *made,
        "x",
        good[:-1],
        f"x{payload}.{signature}",
        f"{payload}.",
        f".{signature}",
        TOKEN,
        "é",
    ):
        answer = unchanged.get(ME, token=None, params={"token": token})
        assert unchanged.refuses(answer, 401) == "the link isn't valid: ask the shop for another one", token
    assert "incomplete" in unchanged.refuses(unchanged.get(ME, token=None), 401)


def test_a_link_is_no_operators_token(unchanged: Asking) -> None:
    assert unchanged.get(f"{SHOP}/status", token=link(unchanged)["token"]).status_code == 401


def test_links_are_for_customers_who_are_there(unchanged: Asking) -> None:
    assert "isn't known" in unchanged.refuses(unchanged.post(f"{SHOP}/customers/nobody/link", {}), 404)


def test_of_a_redacted_customer_a_link_shows_nothing(api: Asking) -> None:
    made, project = link(api), api.project
    erase(project.database, project.shop, "bruno", project.hand("Ann"), project.means)
    answer = api.get(made["path"], token=None)
    assert api.refuses(answer, 404) == "nobody is known any more by this link"


def test_a_shop_without_the_secret_gives_no_links(shop: Path) -> None:
    settings = {name: value for name, value in SETTINGS.items() if "LINKS" not in name}
    with asking(shop, settings=settings) as api:
        assert "set [server] links_env" in api.refuses(api.post(f"{SHOP}/customers/bruno/link", {}), 403)
        token, _ = Links("", "my-shop", api.clock).make("bruno", DAY)
        assert "isn't valid" in api.refuses(api.get(ME, token=token), 401)


# Pages of storefronts


def test_pages_of_the_storefront_may_read_it(unchanged: Asking) -> None:
    path = link(unchanged)["path"]
    for asked in (path, ME):
        answer = unchanged.get(asked, token=None, headers={"Origin": STOREFRONT})
        assert answer.headers["access-control-allow-origin"] == STOREFRONT
        assert "origin" in answer.headers["vary"].lower()
    preflight = _preflight(unchanged, ME, STOREFRONT)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-headers"] == "Authorization"
    assert preflight.headers["access-control-allow-methods"] == "GET"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{STOREFRONT}.evil.example", "*", ""])
def test_pages_of_others_may_not(unchanged: Asking, origin: str) -> None:
    for answer in (
        unchanged.get(link(unchanged)["path"], token=None, headers={"Origin": origin}),
        _preflight(unchanged, ME, origin),
    ):
        assert "access-control-allow-origin" not in answer.headers
        assert "access-control-allow-methods" not in answer.headers


def test_what_is_an_operators_no_page_may_read(unchanged: Asking) -> None:
    answer = unchanged.get(f"{SHOP}/status", headers={"Origin": STOREFRONT})
    assert "access-control-allow-origin" not in answer.headers
    assert _preflight(unchanged, f"{SHOP}/status", STOREFRONT).status_code == 405


def test_options_without_a_page_are_no_method(unchanged: Asking) -> None:
    assert unchanged.ask("OPTIONS", ME).status_code == 405


def test_nothing_of_a_link_is_kept(unchanged: Asking) -> None:
    token = link(unchanged)["token"]
    with unchanged.project.database.reading() as connection:
        held = [
            json.dumps(list(row), default=str)
            for table in metadata.sorted_tables
            for row in connection.execute(select(table))
        ]
    assert held
    assert not [row for row in held if token in row]


def _preflight(api: Asking, path: str, origin: str) -> requests.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    return api.ask("OPTIONS", path, token=None, headers=asked)
