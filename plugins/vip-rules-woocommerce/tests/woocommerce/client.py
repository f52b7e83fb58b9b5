"""A plain client of the fake shop, for tests that ask it past the adapter."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import requests
from requests_oauthlib import OAuth1

from tests.woocommerce.access import Key
from tests.woocommerce.server import KEY, FakeWooCommerce


class Client:
    """Asks a shop with a key, signed by OAuth 1.0a. Paths are those after `/wp-json/wc/v3`."""

    def __init__(self, shop: FakeWooCommerce, key: Key = KEY, *, method: str = "HMAC-SHA256") -> None:
        self._root = f"{shop.url}/wp-json/wc/v3"
        self._session = requests.Session()
        self._session.auth = OAuth1(key.consumer_key, key.consumer_secret, signature_method=method)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> requests.Response:
        """The answer to a request of any method."""
        return self._session.request(method, f"{self._root}{path}", params=query, json=body, timeout=10)

    def get(self, path: str, **query: str) -> Any:
        """The JSON of a GET."""
        return self.ask("GET", path, **query).json()

    def post(self, path: str, body: Any) -> Any:
        """The JSON of a POST."""
        return self.ask("POST", path, body).json()

    def put(self, path: str, body: Any) -> Any:
        """The JSON of a PUT."""
        return self.ask("PUT", path, body).json()

    def delete(self, path: str, **query: str) -> Any:
        """The JSON of a DELETE."""
        return self.ask("DELETE", path, **query).json()
