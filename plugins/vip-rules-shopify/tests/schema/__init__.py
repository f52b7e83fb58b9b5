"""The adapter's documents beside Shopify's real schema, where the set-up step has put it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode

from tests.shop.schema import parsed, real_schema, variable_errors
from vip_rules_shopify.admin.documents import document

REASON = "needs Shopify's schema, which tests/schema/fetch.sh fetches where npm can"


def schema() -> GraphQLSchema:
    """The schema. Without it the test is skipped, except in CI."""
    found = real_schema()
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(REASON)
        pytest.skip(REASON)
    return found


def valid_variables(name: str, variables: Mapping[str, Any]) -> list[str]:
    """What Shopify would refuse a document's variables for: unknown keys, missing values, values of another type."""
    schema()
    operation = parsed(document(name).text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    known = {each.variable.name.value for each in operation.variable_definitions or ()}
    unknown = [f"${key} isn't a variable of {name}" for key in variables if key not in known]
    return unknown + variable_errors(operation, variables)
