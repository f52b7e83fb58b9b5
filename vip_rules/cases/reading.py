"""Reading cases: from JSON to typed rows, with money, days and names checked by their program."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from vip_rules.cases.case import Case, Person
from vip_rules.cases.openings import read_opening
from vip_rules.cases.reader import Reader
from vip_rules.errors import InvalidDocument, Problem
from vip_rules.model import Customer, Event, Order, OrderLine
from vip_rules.plugins import Catalogue
from vip_rules.program.document import read_document
from vip_rules.program.inspection import Inspection
from vip_rules.program.places import escaped
from vip_rules.program.problems import schema_problems
from vip_rules.program.program import Program
from vip_rules.program.schema import cases_schema
from vip_rules.program.wording import expected, found, quoted, written
from vip_rules.standing import Standing

ENDING: Final = ".cases.json"

MOST_ROWS: Final = 100_000
"""Customers, orders and events of one case."""

MOST_DAYS: Final = 400
"""Days of one case that are replayed."""

OF_STANDINGS: Final = (
    *("since", "highest_tier", "secured_until", "grace_until"),
    *("landing_until", "landing_from"),
)
"""What can be expected only of a customer who had a standing."""

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
    reader = _Cases(inspection, program)
    nodes = document.value if isinstance(document.value, list) else []
    cases = [reader.case(node, f"/{n}") for n, node in enumerate(nodes) if isinstance(node, dict)]
    if inspection.problems:
        raise InvalidDocument(inspection.problems)
    return [case for case in cases if case is not None]


class _Cases(Reader):
    """Reads the cases of one program. What isn't sound has its problem; the rest is read all the same."""

    def __init__(self, inspection: Inspection, program: Program) -> None:
        super().__init__(inspection, program)
        self._figures = {figure.key: figure for figure in program.figures()}

    def case(self, node: Mapping[str, Any], pointer: str) -> Case | None:
        """A case; None if something in it isn't sound."""
        as_of = self.day(node, "as_of", pointer)
        opening = read_opening(self, node, pointer)
        evaluated = self._evaluated(node, pointer, as_of, opening)
        person = self._person(node, pointer, "c1", as_of)
        others = [
            (self._person(other, place, f"other {n}", as_of), other.get("times", 1))
            for n, (other, place) in enumerate(self.sound(node, "others", pointer), 1)
        ]
        rows = sum(times * (1 + len(other.orders) + len(other.events)) for other, times in others)
        if rows > MOST_ROWS:
            few = f"at most {MOST_ROWS:,} are read"
            self.inspection.problem(
                f"{pointer}/others", f"comes to {rows:,} customers, orders and events; {few}"
            )
            others = []
        everybody = tuple(alike for other, times in others for alike in other.alike(times))
        self._check_ids([person, *everybody], pointer)
        if "expect" in node and self.inspection.sound(f"{pointer}/expect"):
            self._check_expected(node["expect"], f"{pointer}/expect")
            self._check_needs(node["expect"], f"{pointer}/expect", opening)
        if as_of is None or not self.inspection.sound(pointer):
            return None
        return Case(node["description"], as_of, person, everybody, node["expect"], opening, evaluated)

    def _evaluated(
        self, node: Mapping[str, Any], pointer: str, as_of: int | None, opening: Standing | None
    ) -> int:
        """The day at whose close the standing was so."""
        day, place = self.day(node, "evaluated", pointer), f"{pointer}/evaluated"
        if as_of is None:
            return 0
        if day is None:
            return as_of - 1
        if opening is None:
            self.inspection.problem(place, 'says when a standing was so; add the "standing"')
        elif not 0 < as_of - day <= MOST_DAYS:
            few = f'expected a day before "as_of", at most {MOST_DAYS} days before it'
            self.inspection.problem(place, f"found {quoted(node['evaluated'])}, {few}")
        return day

    def _person(self, node: Mapping[str, Any], pointer: str, name: str, as_of: int | None) -> Person:
        customer, place = self.object(node, "customer", pointer)
        name = customer.get("customer_id", name)
        orders = [
            self._order(order, at, order.get("order_id", f"{name}, order {n}"), name)
            for n, (order, at) in enumerate(self.sound(node, "orders", pointer), 1)
        ]
        events = [
            Event(name, event["type"], day)
            for event, at in self.sound(node, "events", pointer)
            if (day := self.day(event, "at", at)) is not None
        ]
        self.day(customer, "birthday", place)
        created = self.day(customer, "created_at", place)
        if created is None:
            created = min((order.day for order in orders), default=as_of or 0)
        return Person(
            Customer(
                name,
                created,
                self.day(customer, "joined_at", place),
                tuple(customer.get("tags", ())),
            ),
            tuple(orders),
            tuple(events),
        )

    def _order(self, node: Mapping[str, Any], pointer: str, name: str, customer: str) -> Order:
        code = self.program.currency.code
        if node.get("currency", code) != code:
            one = f"orders of a case are in the program's currency, {code}"
            self.inspection.problem(f"{pointer}/currency", f"found {quoted(node['currency'])}; {one}")
        order = Order(
            name,
            customer,
            self.day(node, "placed_at", pointer) or 0,
            self.money(node, "total", pointer) or 0,
            tax=self.money(node, "tax", pointer) or 0,
            shipping=self.money(node, "shipping", pointer) or 0,
            refunded=self.money(node, "refunded", pointer),
            discount=self.money(node, "discount", pointer) or 0,
            status=node.get("status", "paid"),
            test=node.get("test", False),
            channel=node.get("channel"),
            lines=tuple(self._line(line, place) for line, place in self.sound(node, "lines", pointer)),
        )
        if self.inspection.sound(pointer):
            self._check_total(order, node, pointer)
        return order

    def _check_total(self, order: Order, node: Mapping[str, Any], pointer: str) -> None:
        total = f"the total {written(node['total'])}"
        if order.tax + order.shipping > order.total:
            parts = " and ".join(
                f"{name} {written(node[name])}" for name in ("tax", "shipping") if name in node
            )
            self.inspection.problem(pointer, f"{parts} make more than {total}, which includes them")
        if (order.refunded or 0) > order.total:
            self.inspection.problem(
                f"{pointer}/refunded", f"refunded {written(node['refunded'])} is more than {total}"
            )

    def _line(self, node: Mapping[str, Any], pointer: str) -> OrderLine:
        texts = {name: node.get(name) for name in ("sku", "product", "category", "brand")}
        amount = self.money(node, "amount", pointer) or 0
        refunded = self.money(node, "refunded", pointer) or 0
        if refunded > amount and self.inspection.sound(pointer):
            more = f"refunded {written(node['refunded'])} is more than the amount {written(node['amount'])}"
            self.inspection.problem(f"{pointer}/refunded", more)
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
                    self.inspection.problem(
                        pointer, f"{count} {what} of the case have the id {quoted(name)}; {each}"
                    )

    def _check_expected(self, node: Mapping[str, Any], pointer: str) -> None:
        for key in ("tier", "qualified_tier", "next_tier", "highest_tier", "landing_from"):
            present = self.tier(node, key, pointer)
            if present not in (None, node.get(key)):
                self.inspection.problem(
                    f"{pointer}/{key}", f"there is no tier {quoted(node[key])}; it is {quoted(present)} now"
                )
        known = [name for kind in self.inspection.catalogue.benefits.values() for name in kind.variants]
        for n, name in enumerate(node.get("benefits", ())):
            if name not in known:
                near = expected(name, known, f"a type of benefit, such as {quoted(known[0])}")
                self.inspection.problem(f"{pointer}/benefits/{n}", f"unknown benefit {quoted(name)}; {near}")
        for name, value in node.get("metrics", {}).items():
            self._check_figure(name, value, f"{pointer}/metrics/{escaped(name)}")

    def _check_needs(self, node: Mapping[str, Any], pointer: str, opening: Standing | None) -> None:
        """Dates that only a standing can have."""
        for key in OF_STANDINGS if opening is None else ():
            if key in node:
                self.inspection.problem(f"{pointer}/{key}", 'is of a standing; add the "standing" before')
        if opening is None and node.get("status", "none") not in ("member", "none"):
            self.inspection.problem(f"{pointer}/status", 'is of a standing; add the "standing" before')

    def _check_figure(self, name: str, value: Any, pointer: str) -> None:
        figure = self._figures.get(name)
        if figure is None:
            near = expected(name, list(self._figures), "a figure that the program's rules use")
            self.inspection.problem(pointer, f"the program has no figure {quoted(name)}; {near}")
        elif isinstance(value, str) and not figure.metric.unit.is_text and not NUMBER.fullmatch(value):
            wanted = 'expected a number such as "2000.00", or null for unknown'
            self.inspection.problem(pointer, f"{found(value)}, {wanted}")
