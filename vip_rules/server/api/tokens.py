"""Tokens: who may ask. An operator has the shop's token; a customer has a link, which is a token of their own."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

from vip_rules.project import Project
from vip_rules.server.api.links import BrokenLink, Links
from vip_rules.server.api.problems import Refused

CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}


def check_operator(project: Project, headers: Mapping[str, str]) -> None:
    """Let an operator in. Raises Refused."""
    expected = project.config.server.get("token")
    if not expected:
        raise Refused(
            403, "the API of this shop is off: set [server] token_env or token_file in its configuration"
        )
    given = bearer(headers)
    if given is None:
        raise Refused(401, "say who you are: Authorization: Bearer TOKEN", CHALLENGE)
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Refused(401, "the token isn't this shop's", CHALLENGE)


def customer_of(project: Project, headers: Mapping[str, str], token: str | None) -> str:
    """The customer to whom a link was given, in the header or (`token`) in the query. Raises Refused."""
    given = bearer(headers) or token
    if not given:
        raise Refused(401, "the link is incomplete: ask the shop for another one", CHALLENGE)
    links = links_of(project)
    if links is None:
        raise Refused(401, "the link isn't valid: ask the shop for another one", CHALLENGE)
    try:
        return links.customer(given)
    except BrokenLink as error:
        raise Refused(401, str(error), CHALLENGE) from None


def links_of(project: Project) -> Links | None:
    """The links of a shop; None if it gives none."""
    secret = project.config.server.get("links")
    return Links(secret, project.config.shop, project.outside.clock) if secret else None


def bearer(headers: Mapping[str, str]) -> str | None:
    """The token in the header Authorization."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
