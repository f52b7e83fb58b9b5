"""The API under a fuzzer: whatever is asked, it answers as its document says, and never with a 500."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from tests.database.opened import only_sqlite
from tests.server.asking import TOKEN, Asking, asking, copied, waiting_plan, webhook
from vip_rules.server.api.api import OPERATIONS
from vip_rules.server.api.openapi import document
from vip_rules.testing.databases import Databases

THERE = {"shop": ["my-shop"], "id": ["bruno", "chen", "nobody", "a b", "%", "?", "ü", "."]}
"""Some that are there, so that answers come from behind the checks, too."""


def described() -> dict[str, Any]:
    """The document, for this shop and its customers."""
    found: dict[str, Any] = json.loads(json.dumps(document(OPERATIONS)))
    for operations in found["paths"].values():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                if parameter["name"] in THERE:
                    parameter["schema"] = {"enum": THERE[parameter["name"]]}
    return found


schema = schemathesis.openapi.from_dict(described())


@pytest.fixture(scope="module")
def fuzzed(
    databases: Databases, made_shop: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Asking]:
    """The API of a shop in which there is something to find."""
    folder = tmp_path_factory.mktemp("fuzzed") / "shop"
    with copied(databases, made_shop, folder), asking(folder) as api:
        waiting_plan(api.project)
        webhook(api.project, "quarantined", reason="it has no id")
        yield api


@pytest.mark.slow
@only_sqlite
@schema.parametrize()
@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_asked_is_answered_as_described(case: schemathesis.Case[Any], fuzzed: Asking) -> None:
    token = TOKEN if case.path != "/api/{shop}/me" else _link(fuzzed)
    case.call_and_validate(base_url=fuzzed.service.url, headers={"Authorization": f"Bearer {token}"})


def _link(api: Asking) -> str:
    return str(api.decides("/api/my-shop/customers/bruno/link", {})["token"])
