"""Which path and method of the REST interface is answered by what."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.woocommerce.calls import Answer, Call, no_route
from tests.woocommerce.resource import Resource

if TYPE_CHECKING:
    from tests.woocommerce.server import FakeWooCommerce

Handle = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """A path with the ids in it, and what answers its methods. `public`: no key is needed."""

    path: re.Pattern[str]
    handles: Mapping[str, Handle]
    public: bool = False


class Routes:
    """The routes of a shop."""

    def __init__(self, shop: FakeWooCommerce) -> None:
        self._routes = [
            _route("/", {"GET": shop.settings.index}, public=True),
            _route("/system_status", {"GET": shop.settings.status}),
            _route("/settings/([a-z]+)", {"GET": shop.settings.group}),
            _route("/settings/([a-z]+)/([a-z_]+)", {"GET": shop.settings.setting}),
            _route("/data/currencies/current", {"GET": shop.settings.currency}),
            _route("/orders/statuses", {"GET": shop.order_desk.statuses}),
            _route(
                "/orders/#/notes", {"GET": shop.order_desk.listed_notes, "POST": shop.order_desk.created_note}
            ),
            _route("/orders/#/notes/#", {"DELETE": shop.order_desk.deleted_note}),
            _route("/orders/#/refunds", {"GET": shop.refund_desk.listed_of}),
            _route(
                "/orders/#/refunds/#",
                {"GET": shop.refund_desk.read_of, "DELETE": shop.refund_desk.deleted_of},
            ),
            _route("/refunds", {"GET": shop.refund_desk.listed}),
            _route("/products/#/variations", {"GET": shop.variation_desk.listed_of}),
            _route("/products/#/variations/#", {"GET": shop.variation_desk.read_of}),
            _route("/variations", {"GET": shop.variation_desk.listed}),
            *_reading(shop.product_desk),
            *_reading(shop.category_desk),
            *_reading(shop.brand_desk),
            *_writing(shop.order_desk, creating=False),
            *_writing(shop.customer_desk),
            *_writing(shop.coupon_desk),
            *_writing(shop.webhooks),
        ]

    def handle(self, call: Call) -> tuple[Handle, list[Any], bool]:
        """What answers a call, the ids in its path, and whether it is public. Raises Problem where nothing does."""
        method = {"HEAD": "GET", "PATCH": "PUT"}.get(call.method, call.method)
        for route in self._routes:
            matched = route.path.fullmatch(call.path)
            if matched and method in route.handles:
                ids = [int(one) if one.isdigit() else one for one in matched.groups()]
                return route.handles[method], ids, route.public
        raise no_route()


def _route(path: str, handles: Mapping[str, Handle], *, public: bool = False) -> Route:
    return Route(re.compile(path.replace("#", r"(\d+)")), handles, public)


def _reading(desk: Resource) -> list[Route]:
    return [_route(f"/{desk.path}", {"GET": desk.listed}), _route(f"/{desk.path}/#", {"GET": desk.read})]


def _writing(desk: Resource, *, creating: bool = True) -> list[Route]:
    collection = {"GET": desk.listed, "POST": desk.created} if creating else {"GET": desk.listed}
    # A POST to a record's path is an update.
    single = {"GET": desk.read, "PUT": desk.updated, "POST": desk.updated, "DELETE": desk.deleted}
    return [
        _route(f"/{desk.path}", collection),
        _route(f"/{desk.path}/batch", {"POST": desk.batched, "PUT": desk.batched}),
        _route(f"/{desk.path}/#", single),
    ]
