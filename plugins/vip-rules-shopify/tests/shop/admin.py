"""The GraphQL endpoint: from a request's body to the answer, with validation, cost, scopes and what is planned to go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from graphql import FieldNode, GraphQLError, OperationDefinitionNode
from graphql.language.ast import DocumentNode

from tests.shop.access import refused_for
from tests.shop.bucket import DEAREST, requested_cost
from tests.shop.executor import Executor, FakeLacks
from tests.shop.faults import Fault, Planned
from tests.shop.projection import Fields, refused
from tests.shop.roots import mutation_root, query_root
from tests.shop.schema import document_errors, parsed, variable_errors

if TYPE_CHECKING:
    from tests.shop.server import FakeShopify

_DOCUMENTATION: Final = "https://shopify.dev/api/usage/rate-limits"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request's document, read. `error` is why it can't be carried out."""

    document: DocumentNode | None
    operation: OperationDefinitionNode | None
    variables: Mapping[str, Any]
    error: dict[str, Any] | None = None

    @property
    def name(self) -> str | None:
        """The operation's name."""
        return None if self.operation is None or self.operation.name is None else self.operation.name.value

    @property
    def mutation(self) -> bool:
        """Whether something is to be done."""
        return self.operation is not None and self.operation.operation.value == "mutation"

    @property
    def fields(self) -> tuple[str, ...]:
        """The root fields."""
        selections = () if self.operation is None else self.operation.selection_set.selections
        return tuple(node.name.value for node in selections if isinstance(node, FieldNode))


def read(body: Any) -> Asked:
    """A request's body, validated as Shopify validates it."""
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return Asked(None, None, {}, _error("Required parameter missing or invalid: query", "BAD_REQUEST"))
    text, variables = body["query"], body.get("variables") or {}
    try:
        document, errors = parsed(text), document_errors(text)
    except GraphQLError as error:
        return Asked(None, None, variables, _error(error.message, "PARSE_ERROR"))
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    name = body.get("operationName")
    chosen = [one for one in operations if name is None or (one.name is not None and one.name.value == name)]
    if len(chosen) != 1:
        return Asked(document, None, variables, _error("An operation name is required", "BAD_REQUEST"))
    problems = [*errors, *variable_errors(chosen[0], variables)]
    if not problems:
        given = _with_defaults(chosen[0], variables)
        return Asked(document, chosen[0], given)
    code = "undefinedField" if errors and "Cannot query field" in errors[0] else "INVALID_VARIABLE"
    return Asked(document, chosen[0], variables, _error(problems[0], code))


def run(shop: FakeShopify, asked: Asked, planned: Planned | None) -> dict[str, Any]:
    """Carry a request out, and say what Shopify says. Raises FakeLacks for what the fake doesn't know."""
    if asked.error is not None or asked.document is None or asked.operation is None:
        return {"errors": [asked.error]}
    executor = Executor(
        asked.document, asked.variables, lambda typename, field: refused_for(shop, typename, field)
    )
    cost = shop.costs.get(asked.name or "") or requested_cost(asked.operation, executor)
    if cost > DEAREST:
        message = f"Query cost is {cost}, which exceeds the single query max cost limit ({DEAREST})."
        return {
            "errors": [_error(message, "MAX_COST_EXCEEDED", cost=cost, maxCost=DEAREST)],
            "extensions": {"cost": shop.bucket.extension(cost, None)},
        }
    if planned is not None and planned.fault is Fault.THROTTLED:
        shop.bucket.left = max(0, cost - max(1, int(planned.seconds * shop.bucket.rate)))
        return _throttled(shop, cost)
    if not shop.bucket.take(cost):
        return _throttled(shop, cost)
    data = executor.run(asked.operation, _root(shop, asked, planned))
    actual = cost if asked.mutation else min(cost, max(1, executor.objects))
    shop.bucket.give_back(cost - actual)
    extensions: dict[str, Any] = {"cost": shop.bucket.extension(cost, actual)}
    if executor.searches:
        extensions["search"] = executor.searches
    answer: dict[str, Any] = {"data": data} if executor.whole else {}
    if executor.errors:
        answer["errors"] = executor.errors
    return answer | {"extensions": extensions}


def internal_error() -> dict[str, Any]:
    """Shopify's own failure, of which nobody knows what came of it."""
    message = "Internal error. Looks like something went wrong on our end.\nRequest ID: fake."
    return {"errors": [_error(message, "INTERNAL_SERVER_ERROR", requestId="fake")]}


def _root(shop: FakeShopify, asked: Asked, planned: Planned | None) -> Fields:
    if not asked.mutation:
        return query_root(shop, shop.bulk)
    root = mutation_root(shop, shop.bulk)
    if planned is None or planned.fault is not Fault.USER_ERROR:
        return root
    unknown = [name for name in asked.fields if name not in root]
    if unknown:
        raise FakeLacks(f"the fake has no mutation {unknown[0]}")
    payload = refused(planned.message, planned.code, ["id"])
    return {"__typename": "Mutation", **dict.fromkeys(asked.fields, payload)}


def _throttled(shop: FakeShopify, cost: int) -> dict[str, Any]:
    return {
        "errors": [_error("Throttled", "THROTTLED", documentation=_DOCUMENTATION)],
        "extensions": {"cost": shop.bucket.extension(cost, None)},
    }


def _error(message: str, code: str, **extensions: Any) -> dict[str, Any]:
    return {"message": message, "extensions": {"code": code, **extensions}}


def _with_defaults(operation: OperationDefinitionNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    empty = Executor(DocumentNode(definitions=()), {}, lambda typename, field: None)
    given = dict(variables)
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        if name not in given and definition.default_value is not None:
            given[name] = empty.value(definition.default_value)
    return given
