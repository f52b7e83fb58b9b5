"""Reading cases: from JSON to typed rows, with money, days and names checked by their program."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from vip_rules.cases.case import Case, Person
from vip_rules.errors import InvalidDocument, Problem
from vip_rules.localdays import local_day
from vip_rules.model import Customer, Event, Order, OrderLine
from vip_rules.plugins import Catalogue
from vip_rules.program.document import read_document
from vip_rules.program.inspection import Inspection
from vip_rules.program.places import escaped
from vip_rules.program.problems import schema_problems
from vip_rules.program.program import Program
from vip_rules.program.schema import cases_schema
from vip_rules.program.wording import expected, found, quoted, written

ENDING: Final = ".cases.json"

MOST_ROWS: Final = 100_000
"""Customers, orders and events of one case."""

NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def refuse_cases(program: Path) -> None:
    """Refuse a file of cases where a program is expected. Raises InvalidDocument with the name of the program."""
    if program.name.endswith(ENDING):
        name = program.name.removesuffix(ENDING)
        instead = f"is a file of cases; name its program, {name}.json, instead"
        raise InvalidDocument([Problem(str(program), "", instead)])


def read_cases(path: Path, program: Program, catalogue: Catalogue) -> list[Case]:
    """The cases in a file. Raises InvalidDocument with every problem of it."""
    if not path.exists():
        name = path.name.removesuffix(ENDING)
        looked_for = f"there is no such file; the cases of {name}.json are looked for there"
        raise InvalidDocument([Problem(str(path), "", looked_for)])
    document = read_document(path)
    inspection = Inspection(document.file, document.value, catalogue)
    inspection.currency = program.currency
    inspection.add(document.problems)
    inspection.add(schema_problems(document.value, cases_schema(), document.file))
    inspection.refuse_many()
    reader = _Reader(inspection, program)
    nodes = document.value if isinstance(document.value, list) else []
    cases = [reader.case(node, f"/{n}") for n, node in enumerate(nodes) if isinstance(node, dict)]
    if inspection.problems:
        raise InvalidDocument(inspection.problems)
    return [case for case in cases if case is not None]


class _Reader:
    """Reads the cases of one program. What isn't sound has its problem; the rest is read all the same."""

    def __init__(self, inspection: Inspection, program: Program) -> None:
        self._inspection, self._program = inspection, program
        self._tiers = {tier.id: tier.id for tier in program.tiers} | {
            former: tier.id for tier in program.tiers for former in tier.was
        }
        self._figures = {figure.key: figure for figure in program.figures()}

    def case(self, node: Mapping[str, Any], pointer: str) -> Case | None:
        """A case; None if something in it isn't sound."""
        as_of = self._day(node, "as_of", pointer)
        person = self._person(node, pointer, "c1", as_of)
        others = [
            (self._person(other, place, f"other {n}", as_of), other.get("times", 1))
            for n, (other, place) in enumerate(self._sound(node, "others", pointer), 1)
        ]
        rows = sum(times * (1 + len(other.orders) + len(other.events)) for other, times in others)
        if rows > MOST_ROWS:
            few = f"at most {MOST_ROWS:,} are read"
            self._inspection.problem(
                f"{pointer}/others", f"comes to {rows:,} customers, orders and events; {few}"
            )
            others = []
        everybody = tuple(alike for other, times in others for alike in other.alike(times))
        self._check_ids([person, *everybody], pointer)
        if "expect" in node and self._inspection.sound(f"{pointer}/expect"):
            self._check_expected(node["expect"], f"{pointer}/expect")
        if as_of is None or not self._inspection.sound(pointer):
            return None
        return Case(node["description"], as_of, person, everybody, node["expect"])

    def _person(self, node: Mapping[str, Any], pointer: str, name: str, as_of: int | None) -> Person:
        customer, place = self._object(node, "customer", pointer)
        name = customer.get("customer_id", name)
        orders = [
            self._order(order, at, order.get("order_id", f"{name}, order {n}"), name)
            for n, (order, at) in enumerate(self._sound(node, "orders", pointer), 1)
        ]
        events = [
            Event(name, event["type"], day)
            for event, at in self._sound(node, "events", pointer)
            if (day := self._day(event, "at", at)) is not None
        ]
        standing, before = self._object(node, "standing", pointer)
        tier = self._tier(standing, "tier", before)
        self._day(customer, "birthday", place)
        created = self._day(customer, "created_at", place)
        if created is None:
            created = min((order.day for order in orders), default=as_of or 0)
        return Person(
            Customer(
                name,
                created,
                self._day(customer, "joined_at", place),
                tuple(customer.get("tags", ())),
                tier,
                self._tier(standing, "highest_tier", before) or tier,
            ),
            tuple(orders),
            tuple(events),
        )

    def _order(self, node: Mapping[str, Any], pointer: str, name: str, customer: str) -> Order:
        code = self._program.currency.code
        if node.get("currency", code) != code:
            one = f"orders of a case are in the program's currency, {code}"
            self._inspection.problem(f"{pointer}/currency", f"found {quoted(node['currency'])}; {one}")
        order = Order(
            name,
            customer,
            self._day(node, "placed_at", pointer) or 0,
            self._money(node, "total", pointer) or 0,
            tax=self._money(node, "tax", pointer) or 0,
            shipping=self._money(node, "shipping", pointer) or 0,
            refunded=self._money(node, "refunded", pointer),
            discount=self._money(node, "discount", pointer) or 0,
            status=node.get("status", "paid"),
            test=node.get("test", False),
            channel=node.get("channel"),
            lines=tuple(self._line(line, place) for line, place in self._sound(node, "lines", pointer)),
        )
        if self._inspection.sound(pointer):
            self._check_total(order, node, pointer)
        return order

    def _check_total(self, order: Order, node: Mapping[str, Any], pointer: str) -> None:
        total = f"the total {written(node['total'])}"
        if order.tax + order.shipping > order.total:
            parts = " and ".join(
                f"{name} {written(node[name])}" for name in ("tax", "shipping") if name in node
            )
            self._inspection.problem(pointer, f"{parts} make more than {total}, which includes them")
        if (order.refunded or 0) > order.total:
            self._inspection.problem(
                f"{pointer}/refunded", f"refunded {written(node['refunded'])} is more than {total}"
            )

    def _line(self, node: Mapping[str, Any], pointer: str) -> OrderLine:
        texts = {name: node.get(name) for name in ("sku", "product", "category", "brand")}
        amount = self._money(node, "amount", pointer) or 0
        refunded = self._money(node, "refunded", pointer) or 0
        if refunded > amount and self._inspection.sound(pointer):
            more = f"refunded {written(node['refunded'])} is more than the amount {written(node['amount'])}"
            self._inspection.problem(f"{pointer}/refunded", more)
        return OrderLine(
            **texts,
            quantity=node.get("quantity", 1),
            amount=amount,
            refunded=refunded,
            gift_card=node.get("gift_card", False),
        )

    def _check_ids(self, people: list[Person], pointer: str) -> None:
        for what, ids in (
            ("customers", Counter(person.customer.id for person in people)),
            ("orders", Counter(order.id for person in people for order in person.orders)),
        ):
            for name, count in ids.items():
                if count > 1:
                    each = "each needs its own"
                    self._inspection.problem(
                        pointer, f"{count} {what} of the case have the id {quoted(name)}; {each}"
                    )

    def _check_expected(self, node: Mapping[str, Any], pointer: str) -> None:
        for key in ("tier", "qualified_tier", "next_tier"):
            present = self._tier(node, key, pointer)
            if present not in (None, node.get(key)):
                self._inspection.problem(
                    f"{pointer}/{key}", f"there is no tier {quoted(node[key])}; it is {quoted(present)} now"
                )
        known = [name for kind in self._inspection.catalogue.benefits.values() for name in kind.variants]
        for n, name in enumerate(node.get("benefits", ())):
            if name not in known:
                near = expected(name, known, f"a type of benefit, such as {quoted(known[0])}")
                self._inspection.problem(f"{pointer}/benefits/{n}", f"unknown benefit {quoted(name)}; {near}")
        for name, value in node.get("metrics", {}).items():
            self._check_figure(name, value, f"{pointer}/metrics/{escaped(name)}")

    def _check_figure(self, name: str, value: Any, pointer: str) -> None:
        figure = self._figures.get(name)
        if figure is None:
            near = expected(name, list(self._figures), "a figure that the program's rules use")
            self._inspection.problem(pointer, f"the program has no figure {quoted(name)}; {near}")
        elif isinstance(value, str) and not figure.metric.unit.is_text and not NUMBER.fullmatch(value):
            wanted = 'expected a number such as "2000.00", or null for unknown'
            self._inspection.problem(pointer, f"{found(value)}, {wanted}")

    def _tier(self, node: Mapping[str, Any], key: str, pointer: str) -> str | None:
        """The present id of a tier, also by a former one; None for none."""
        tier = node.get(key)
        if not isinstance(tier, str):
            return None
        if tier not in self._tiers:
            present = [tier.id for tier in self._program.tiers]
            near = expected(tier, present, "the id of one of the tiers")
            if tier.lower() in ("none", "null"):
                near = "for none write null, without quotation marks"
            self._inspection.problem(f"{pointer}/{key}", f"there is no tier {quoted(tier)}; {near}")
        return self._tiers.get(tier)

    def _sound(self, node: Mapping[str, Any], key: str, pointer: str) -> Iterator[tuple[dict[str, Any], str]]:
        """The sound objects of a list, with their places."""
        items = node.get(key, ())
        for n, item in enumerate(items if isinstance(items, list) else ()):
            if self._inspection.sound(f"{pointer}/{key}/{n}"):
                yield item, f"{pointer}/{key}/{n}"

    def _object(self, node: Mapping[str, Any], key: str, pointer: str) -> tuple[Mapping[str, Any], str]:
        """A sound object with its place; an empty one if it is missing or not sound."""
        place = f"{pointer}/{key}"
        return (node[key] if key in node and self._inspection.sound(place) else {}), place

    def _money(self, node: Mapping[str, Any], key: str, pointer: str) -> int | None:
        return self._inspection.money(f"{pointer}/{key}", node[key]) if key in node else None

    def _day(self, node: Mapping[str, Any], key: str, pointer: str) -> int | None:
        place = f"{pointer}/{key}"
        if key not in node or not self._inspection.sound(place):
            return None
        text: str = node[key]
        return self._inspection.exact(place, lambda: local_day(text, self._program.timezone))
