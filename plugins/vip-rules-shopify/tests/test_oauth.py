"""An app is let into a shop: what it asks for, whose answer it believes, and what it keeps of it."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import responses
import shopify
from responses.matchers import urlencoded_params_matcher
from vip_rules.adapter import PlatformFailed
from vip_rules.errors import UsageError

from tests.shop import FakeShopify
from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.admin.tokens import RefreshableToken
from vip_rules_shopify.oauth import App, SignedIn, Untrusted
from vip_rules_shopify.shops import Access, access_of, covered, shop_domain

SHOP = "atelier.myshopify.com"
SECRET = "shpss_0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
TOKEN_URL = f"https://{SHOP}/admin/oauth/access_token"


def app(secret: str = SECRET) -> App:
    return App("client-1", secret, clock=lambda: NOW)


def answer(secret: str = SECRET, **changes: str) -> str:
    """The query with which a shop's owner comes back."""
    told = {"code": "code-1", "shop": SHOP, "state": "state-1", "timestamp": str(int(NOW.timestamp()))}
    told |= {"host": "YWRtaW4="} | changes
    message = "&".join(sorted(f"{name}={value}" for name, value in told.items()))
    told["hmac"] = hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()
    return urlencode(told)


def session_token(secret: str = SECRET, **changes: object) -> str:
    """The header that the shop's admin sends along. The library looks at the real time."""
    now = int(time.time())
    told: dict[str, object] = {"iss": f"https://{SHOP}/admin", "dest": f"https://{SHOP}", "aud": "client-1"}
    told |= {"sub": "42", "jti": "j", "sid": "s", "nbf": now - 5, "iat": now - 5, "exp": now + 60}
    return "Bearer " + jwt.encode(told | changes, secret, algorithm="HS256")


def test_the_owner_is_asked_for_permission() -> None:
    url = urlsplit(
        app().permission_url("atelier", ["write_customers", "read_orders"], "https://vip.example/back", "s1")
    )
    assert (url.scheme, url.hostname, url.path) == ("https", SHOP, "/admin/oauth/authorize")
    assert parse_qs(url.query) == {
        "client_id": ["client-1"],
        "scope": ["write_customers,read_orders"],
        "redirect_uri": ["https://vip.example/back"],
        "state": ["s1"],
    }


def test_a_permission_needs_a_state() -> None:
    with pytest.raises(UsageError, match="state"):
        app().permission_url(SHOP, ["read_orders"], "https://vip.example/back", "")


def test_the_answer_of_the_shop_gives_the_code() -> None:
    assert app().code_of(answer(), shop=SHOP, state="state-1") == "code-1"
    assert app().code_of("?" + answer(), shop="atelier", state="state-1") == "code-1"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "signed"),
        (answer(secret="shpss_somebody_else"), "signed"),
        (answer().replace("code-1", "code-2"), "signed"),
        (answer().replace("hmac=", "hmac=%C3%A9"), "signed"),
        (answer() + "&code=code-2", "twice"),
        (answer(shop="other.myshopify.com"), "another shop"),
        (answer(state="state-2"), "state"),
        (answer(state=""), "state"),
        (answer(timestamp="1700000000"), "old"),
        (answer(timestamp=str(int(NOW.timestamp()) + 3_600)), "future"),
        (answer(timestamp="soon"), "old"),
        (answer(timestamp="9" * 5_000), "old"),
        (answer(code=""), "no code"),
        ("&".join(f"a{n}=1" for n in range(1_000)), "too many"),
    ],
)
def test_an_answer_of_anybody_else_is_refused(query: str, says: str) -> None:
    with pytest.raises(Untrusted, match=says):
        app().code_of(query, shop=SHOP, state="state-1")


def test_without_a_state_of_ours_no_answer_is_believed() -> None:
    with pytest.raises(Untrusted, match="state"):
        app().code_of(answer(state=""), shop=SHOP, state="")


def test_staff_of_the_shop_are_signed_in() -> None:
    assert app().signed_in(session_token()) == SignedIn(SHOP, "42")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic abc",
        "Bearer ",
        "Bearer a.b.c",
        session_token(secret="shpss_somebody_else_with_a_long_secret"),
        session_token(aud="client-2"),
        session_token(exp=1_700_000_000),
        session_token(dest="https://other.myshopify.com"),
        session_token(iss="https://evil.example", dest="https://evil.example"),
        session_token(dest=7),
        "Bearer " + jwt.encode({"dest": f"https://{SHOP}"}, SECRET, algorithm="HS256"),
        "Bearer " + jwt.encode({"dest": f"https://{SHOP}"}, "", algorithm="none"),
    ],
)
def test_a_session_token_of_anybody_else_is_refused(header: str) -> None:
    with pytest.raises(Untrusted) as raised:
        app().signed_in(header)
    assert SECRET not in str(raised.value)


@responses.activate
def test_a_code_is_exchanged_for_tokens_that_end() -> None:
    form = {"client_id": "client-1", "client_secret": SECRET, "code": "code-1", "expiring": "1"}
    responses.post(
        TOKEN_URL,
        match=[urlencoded_params_matcher(form)],
        json={
            "access_token": "shpat_1",
            "expires_in": 3_600,
            "refresh_token": "shprt_1",
            "scope": "read_orders",
        },
    )
    grant = app().grant_for_code(SHOP, "code-1")
    assert (grant.token, grant.refresh_token, grant.expires_at) == (
        "shpat_1",
        "shprt_1",
        NOW + timedelta(hours=1),
    )
    assert "shp" not in repr(grant)


@responses.activate
def test_a_session_token_is_exchanged_for_tokens_that_end() -> None:
    form = {
        "client_id": "client-1",
        "client_secret": SECRET,
        "expiring": "1",
        "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
        "subject_token": "a.b.c",
        "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
        "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
    }
    granted = {"access_token": "shpat_1", "expires_in": 3_600, "refresh_token": "shprt_1"}
    responses.post(TOKEN_URL, match=[urlencoded_params_matcher(form)], json=granted)
    assert app().grant_for_session_token("atelier", "a.b.c").refresh_token == "shprt_1"


@responses.activate
def test_a_refused_code_tells_no_secret() -> None:
    responses.post(TOKEN_URL, status=400, json={"error": "invalid_request", "error_description": SECRET})
    with pytest.raises(PlatformFailed) as raised:
        app().grant_for_code(SHOP, "code-1")
    assert SECRET not in str(raised.value)
    assert "code-1" not in str(raised.value)


def test_an_installation_from_the_answer_to_the_first_query(tmp_path: Path) -> None:
    with FakeShopify(clock=lambda: NOW) as shop:
        shop.tokens.codes.add("code-1")
        client, secret = shop.tokens.client_id, shop.tokens.client_secret
        installing = App(client, secret, clock=lambda: NOW)
        code = installing.code_of(answer(secret, shop=shop.domain), shop=shop.domain, state="state-1")
        tokens = RefreshableToken(shop.url, client, secret, tmp_path / "token.json", clock=lambda: NOW)
        tokens.keep(installing.grant_for_code(shop.domain, code, base_url=shop.url))
        admin = Admin(shop.url, tokens=tokens, clock=lambda: NOW, sleep=lambda seconds: None, entropy=bytes)
        assert admin.query("shop_info")["shop"]["name"] == shop.name
        admin.close()
        with pytest.raises(PlatformFailed, match="400"):
            installing.grant_for_code(shop.domain, code, base_url=shop.url)


@pytest.mark.parametrize(("client", "secret"), [("", SECRET), ("client-1", ""), ("client-1", " ")])
def test_an_app_without_a_secret_is_refused(client: str, secret: str) -> None:
    with pytest.raises(UsageError, match="empty"):
        App(client, secret, clock=lambda: NOW)


def test_an_app_does_not_tell_its_secret() -> None:
    assert repr(app()) == "App('client-1')"


@pytest.mark.parametrize(
    "written", ["atelier", SHOP, SHOP.upper(), f" {SHOP}\n", f"https://{SHOP}/", f"https://{SHOP}/admin"]
)
def test_a_shop_is_known_by_its_domain(written: str) -> None:
    assert shop_domain(written) == SHOP


@pytest.mark.parametrize(
    "written",
    [
        "",
        "example.com",
        f"{SHOP}.example.com",
        f"user@{SHOP}",
        f"user:secret@{SHOP}",
        f"{SHOP}:8080",
        "atéliér",
        "-.myshopify.com",
    ],
)
def test_what_is_no_shop_is_refused(written: str) -> None:
    with pytest.raises(UsageError, match=r"NAME\.myshopify\.com") as raised:
        shop_domain(written)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("granted", "needed", "enough"),
    [
        (["write_orders"], "read_orders", True),
        (["write_orders"], "write_orders", True),
        (["read_orders"], "write_orders", False),
        (["read_orders"], "read_all_orders", False),
        (["customer_read_orders", "read_orders"], "read_orders", True),
        (["customer_read_orders"], "customer_read_orders", True),
        ([], "read_orders", False),
    ],
)
def test_writing_includes_reading(granted: list[str], needed: str, enough: bool) -> None:
    assert covered(granted, needed) == enough


def test_a_session_is_a_value_that_gives_access() -> None:
    access = access_of(shopify.Session(SHOP, "2026-10", "shpat_1"))
    assert (access.base_url, access.version, access.tokens.token()) == (
        f"https://{SHOP}",
        "2026-10",
        "shpat_1",
    )
    assert "shpat_1" not in repr(access)


@pytest.mark.parametrize(("shop", "token"), [(SHOP, None), ("", "shpat_1")])
def test_a_session_without_a_shop_or_token_is_refused(shop: str, token: str | None) -> None:
    with pytest.raises(UsageError, match="Session"):
        access_of(shopify.Session(shop, "2026-10", token))


def test_shops_in_two_threads_do_not_see_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """No session is activated, nothing is set for the whole process, and each thread gets its own shop's answers."""
    activated: list[object] = []
    monkeypatch.setattr(shopify.ShopifyResource, "activate_session", activated.append)
    monkeypatch.setattr(shopify.Session, "setup", lambda **told: activated.append(told))
    at_once = threading.Barrier(2)
    found: dict[str, list[tuple[str, str | None, str, bool]]] = {"one": [], "two": []}

    def work(name: str, other: str) -> None:
        mine = App(f"client-{name}", f"secret-of-{name}", clock=lambda: NOW)
        for _ in range(50):
            at_once.wait()
            session = shopify.Session(name, "2026-10", f"token-of-{name}")
            url = urlsplit(mine.permission_url(name, ["read_orders"], "https://vip.example", "s"))
            code = mine.code_of(
                answer(f"secret-of-{name}", shop=f"{name}.myshopify.com", code=name),
                shop=name,
                state="state-1",
            )
            access: Access = access_of(session)
            foreign = answer(f"secret-of-{other}", shop=f"{name}.myshopify.com")
            try:
                mine.code_of(foreign, shop=name, state="state-1")
                fooled = True
            except Untrusted:
                fooled = False
            found[name].append((access.base_url, url.hostname, access.tokens.token() + code, fooled))

    threads = [threading.Thread(target=work, args=pair) for pair in (("one", "two"), ("two", "one"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, told in found.items():
        domain = f"{name}.myshopify.com"
        assert told == [(f"https://{domain}", domain, f"token-of-{name}{name}", False)] * 50
    assert activated == []
    assert (shopify.Session.api_key, shopify.Session.secret) == (None, None)
    assert shopify.ShopifyResource.site in (None, "")


def test_the_library_is_imported_only_where_it_is_used() -> None:
    modules = ("plugin", "oauth", "shops", "checkup", "webhooks.signature", "webhooks.subscriptions")
    imports = "".join(f"import vip_rules_shopify.{module}; " for module in modules)
    code = f"import sys; {imports}print('shopify' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
