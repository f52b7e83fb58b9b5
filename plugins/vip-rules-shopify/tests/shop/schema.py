"""Shopify's real schema, where it is present: what the fake accepts, Shopify would accept."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

from graphql import GraphQLSchema, build_client_schema, parse, validate
from graphql.execution.values import get_variable_values
from graphql.language.ast import DocumentNode, OperationDefinitionNode

VERSION: Final = "2026-10"
FOLDER: Final = Path(__file__).parents[1] / "schema/node_modules/@shopify/dev-mcp/dist/data"


def schema_file() -> Path | None:
    """The schema's file: in the folder that SHOPIFY_SCHEMA names, or where the tests' set-up puts it; None: it isn't there."""
    folder = Path(os.environ.get("SHOPIFY_SCHEMA") or FOLDER)
    file = folder / f"admin_{VERSION}.json.gz"
    return file if file.is_file() else None


_LOADING: Final = Lock()


def real_schema() -> GraphQLSchema | None:
    """The schema, loaded once, however many threads ask for it at a time."""
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> GraphQLSchema | None:
    file = schema_file()
    if file is None:
        return None
    return build_client_schema(json.loads(gzip.decompress(file.read_bytes()))["data"], assume_valid=True)


@lru_cache(maxsize=256)
def parsed(text: str) -> DocumentNode:
    """A document. Raises GraphQLError."""
    return parse(text)


@lru_cache(maxsize=256)
def document_errors(text: str) -> tuple[str, ...]:
    """What Shopify would refuse a document for."""
    schema = real_schema()
    return () if schema is None else tuple(error.message for error in validate(schema, parsed(text)))


def variable_errors(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> list[str]:
    """What Shopify would refuse variables for: values that are missing or of another type."""
    schema = real_schema()
    if schema is None:
        return [
            f"Variable ${definition.variable.name.value} was not provided"
            for definition in operation.variable_definitions or ()
            if definition.type.kind == "non_null_type"
            and definition.default_value is None
            and variables.get(definition.variable.name.value) is None
        ]
    coerced = get_variable_values(schema, operation.variable_definitions or (), dict(variables))
    return [error.message for error in coerced] if isinstance(coerced, list) else []
