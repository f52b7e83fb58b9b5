"""One run over a document: the problems found so far, and the values that are read to their exact meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from vip_rules.errors import InvalidDocument, Problem, VipRulesError
from vip_rules.model import Currency, InvalidMoney
from vip_rules.plugins import Catalogue
from vip_rules.program.places import Order, within
from vip_rules.program.problems import MOST_PROBLEMS
from vip_rules.program.wording import written

Value = TypeVar("Value")


class Inspection:
    """What is known while a document is read. Nothing is raised: each mistake becomes a problem, and reading goes on."""

    def __init__(self, file: str, document: Any, catalogue: Catalogue) -> None:
        self.file, self.document, self.catalogue = file, document, catalogue
        self.currency: Currency | None = None
        self._problems: dict[tuple[str, str], Problem] = {}
        self._spoilt: set[str] = set()

    def problem(self, pointer: str, message: str) -> None:
        """Notes a problem, once."""
        self._problems.setdefault((pointer, message), Problem(self.file, pointer, message))
        self._spoilt.update(within(pointer))

    def sound(self, pointer: str) -> bool:
        """Whether a place has no problem, nor anything inside it: its value has the shape that the schema gives it."""
        return pointer not in self._spoilt

    def add(self, problems: Iterable[Problem]) -> None:
        """Notes problems that were found elsewhere."""
        for problem in problems:
            self.problem(problem.pointer, problem.message)

    @property
    def problems(self) -> list[Problem]:
        """All problems, in the order of the document."""
        order = Order(self.document)
        return sorted(self._problems.values(), key=lambda problem: order(problem.pointer))

    def refuse_many(self) -> None:
        """Raises InvalidDocument with the problems if they are so many that the schema may have left some untold.

        What seems sound then needn't be so, and can't be read.
        """
        if len(self._problems) >= MOST_PROBLEMS:
            raise InvalidDocument(self.problems)

    def exact(self, pointer: str, read: Callable[[], Value]) -> Value | None:
        """What `read` gives; if it raises, its message becomes a problem."""
        try:
            return read()
        except VipRulesError as error:
            self.problem(pointer, str(error))
            return None

    def money(self, pointer: str, amount: int | Decimal) -> int | None:
        """Major units as minor units of the program's currency; None if that isn't known or the amount isn't its money."""
        currency = self.currency
        return None if currency is None else self.exact(pointer, lambda: currency.minor(amount))

    def distinct(self, values: Sequence[Any], pointer: str) -> tuple[Any, ...]:
        """A list's values; one that is there twice is a problem."""
        for n, value in enumerate(values):
            if value in values[:n]:
                self.problem(f"{pointer}/{n}", f"{written(value)} is listed twice; take one out")
        return tuple(values)

    def percent(self, pointer: str, number: int | Decimal) -> int | None:
        """A percentage in hundredths."""
        return self.exact(pointer, lambda: hundredths(number))


def hundredths(number: int | Decimal) -> int:
    """A percentage in hundredths of a percent. Raises InvalidMoney where that isn't exact."""
    scaled = Decimal(number) * 100
    if scaled != scaled.to_integral_value():
        raise InvalidMoney(
            f"{number} has more than two decimals; a percentage has at most two, such as 12.5 or 33.33"
        )
    return int(scaled)
