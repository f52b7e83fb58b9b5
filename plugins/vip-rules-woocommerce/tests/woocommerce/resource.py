"""What the kinds of records have in common: lists, single ones, writes, and the batch that checks nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from tests.woocommerce.calls import Answer, Call, Problem, no_route
from tests.woocommerce.listing import Listing, picked
from tests.woocommerce.moments import truth
from tests.woocommerce.shelf import Row, Shelf
from tests.woocommerce.state import State

MOST_IN_A_BATCH = 100


class Resource:
    """Records under a path of the REST interface. `checked` is False in a batch, which skips the checks of the single routes.

    `unique` is False for a call that doesn't see what others make in the same moment.
    """

    path: ClassVar[str]
    listing: ClassVar[Listing]

    def __init__(self, state: State, shelf: Shelf | None = None) -> None:
        self.state = state
        # A shelf with nothing on it is false.
        self.shelf = Shelf(state.lock, state.links(self.path)) if shelf is None else shelf

    def create(self, body: Row, *, checked: bool, unique: bool) -> Row:
        """Make a record."""
        raise no_route()

    def update(self, row_id: int, body: Row, *, checked: bool) -> Row:
        """Change a record."""
        raise no_route()

    def delete(self, row_id: int, *, force: bool) -> Row:
        """Trash a record, or delete it; gives it as it was before."""
        raise no_route()

    def find(self, row_id: int, *, status: int = 404) -> Row:
        """A record. Raises Problem with a status if there is none."""
        raise NotImplementedError

    def listed(self, call: Call) -> Answer:
        """Answer with a page of the list."""
        return self.listing.answer(self.shelf, call, f"{self.state.api}/{self.path}", self.state.zone)

    def read(self, call: Call, row_id: int) -> Answer:
        """Answer with one record."""
        return self._told(call, self.find(row_id))

    def created(self, call: Call) -> Answer:
        """Answer to a POST."""
        row = self.create(_fields(call), checked=True, unique=call.number not in self.state.unseen)
        answer = self._told(call, row, 201)
        answer.headers["Location"] = f"{self.state.api}/{self.path}/{row['id']}"
        return answer

    def updated(self, call: Call, row_id: int) -> Answer:
        """Answer to a PUT."""
        return self._told(call, self.update(row_id, _fields(call), checked=True))

    def deleted(self, call: Call, row_id: int) -> Answer:
        """Answer to a DELETE."""
        return self._told(call, self.delete(row_id, force=truth(call.query.get("force"))))

    def batched(self, call: Call) -> Answer:
        """Answer to a batch: always 200, with an error in the place of what failed; not a transaction."""
        body = _fields(call)
        jobs = {name: list(body.get(name) or []) for name in ("create", "update", "delete")}
        if sum(map(len, jobs.values())) > MOST_IN_A_BATCH:
            message = f"Unable to accept more than {MOST_IN_A_BATCH} items for this request."
            raise Problem(413, "woocommerce_rest_request_entity_too_large", message)
        unique = call.number not in self.state.unseen
        answers = {
            "create": [
                self._tried(0, self.create, one, checked=False, unique=unique) for one in jobs["create"]
            ],
            "update": [
                self._tried(_id(one), self.update, _id(one), one, checked=False) for one in jobs["update"]
            ],
            "delete": [self._tried(int(one), self.delete, int(one), force=True) for one in jobs["delete"]],
        }
        return Answer({name: given for name, given in answers.items() if given} or [])

    def _tried(self, row_id: int, work: Callable[..., Row], *arguments: Any, **named: bool) -> Row:
        try:
            return self.shelf.shown(work(*arguments, **named))
        except Problem as problem:
            return {"id": row_id, "error": problem.body}

    def _told(self, call: Call, row: Row, status: int = 200) -> Answer:
        shown = self.shelf.shown(row)
        if "_fields" in call.query:
            shown = picked(shown, call.query["_fields"].split(","))
        return Answer(shown, status)


def _fields(call: Call) -> Row:
    return call.body if isinstance(call.body, dict) else {}


def _id(item: Row) -> int:
    return int(item.get("id") or 0)
