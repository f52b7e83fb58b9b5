"""Coupons of ours: found by their codes and marks, made and changed so that at no moment anybody else can use them.

A coupon is made closed: expired, worth nothing, and restricted to its customer's address. Only when the shop's answer shows
that very restriction is it opened. Whatever breaks off in between leaves a coupon that nobody can use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from vip_rules.adapter import Intent, PlatformFailed, Unknown

from vip_rules_woocommerce.effects.codes import Codes, fingerprint, shown_as
from vip_rules_woocommerce.effects.meta import CustomerMeta
from vip_rules_woocommerce.effects.outcomes import Row, Stopped, done, record, refuse
from vip_rules_woocommerce.effects.terms import Terms, code_of, given_up, is_ours, is_over, key_of, was_used
from vip_rules_woocommerce.rest.answers import NotDone
from vip_rules_woocommerce.rest.client import Absent, Rest

_TAKEN = "woocommerce_rest_coupon_code_already_exists"


class Coupons:
    """The coupons of a shop that bear our mark. Methods raise Stopped, and PlatformFailed where the shop can't be read."""

    def __init__(self, rest: Rest, customers: CustomerMeta, codes: Codes) -> None:
        self._rest, self._customers, self._codes = rest, customers, codes

    def of(self, intent: Intent) -> list[Row]:
        """The coupons of an intent's key, the one to keep first: there is more than one if two were made at once."""
        key = intent.key
        pages = self._rest.pages("coupons", search=fingerprint(key))
        rows = [row for page in pages for row in page if is_ours(row, key)]
        if not rows and intent.reference:
            rows = [row for row in self._named(intent.reference) if is_ours(row, key)]
        return sorted(rows, key=_preference)

    def made(self, intent: Intent, terms: Terms, label: str) -> Row:
        """A coupon for an intent, closed if it is new; its code is where its customer is shown it.

        The code is shown before the coupon is opened: one that is good is known to its customer.
        """
        rows = self.of(intent) if intent.known is not None or intent.reference is not None else []
        if rows:
            row = self._mended(rows)
            if is_over(row) or len(rows) > 1:
                self._show(intent, code_of(row))
            return row
        code = self._codes.code(intent.key, label)
        self._show(intent, code)
        answer = self._rest.post("coupons", terms.made(code))
        taken = isinstance(answer, NotDone) and answer.code == _TAKEN
        if isinstance(answer, NotDone) and not taken:
            self._hide(intent)
        if not taken:
            self._check(record(answer), intent, terms)
        rows = self.of(intent)
        if not rows and taken:
            raise refuse(
                f"another coupon has the code {code}, and it isn't ours, or the shop's search doesn't find it: delete it in "
                "the shop, or look at plugins that change how WordPress searches"
            )
        if not rows:
            raise Stopped(Unknown(f"{self._rest.host} doesn't list the coupon that was just made"))
        row = self._mended(rows)
        if code_of(row) != code:
            self._show(intent, code_of(row))
        return row

    def open(self, row: Row, intent: Intent, terms: Terms) -> str:
        """Let a coupon be good as the terms say; gives its id. One of another address is closed before."""
        path = _path(row)
        if not terms.restricts(row):
            row = record(self._rest.put(path, terms.closed()))
            self._check(row, intent, terms)
        self._check(record(self._rest.put(path, terms.opened())), intent, terms)
        return str(row["id"])

    def give_up(self, intent: Intent) -> None:
        """Let an intent's coupon be good for nobody, and its customer no longer be shown it.

        It is closed first: a code that is hidden already would not be shown again for a coupon that is still good.
        """
        rows = self.of(intent)
        if rows:
            done(self._rest.put(_path(self._mended(rows)), given_up()))
        self._hide(intent)

    def shown(self, intent: Intent) -> Any:
        """The code that an intent's customer is shown; None for none."""
        return self._customers.read(intent.customer_id).get(shown_as(intent))

    def mend(self) -> Iterator[str]:
        """Look through all coupons for doubles of ours, delete them, and say so. Raises PlatformFailed."""
        ours: dict[str, list[Row]] = defaultdict(list)
        for page in self._rest.pages("coupons", orderby="id", order="asc", search="vip-"):
            for row in page:
                if key := key_of(row):
                    ours[key].append(row)
        for key, rows in ours.items():
            if len(rows) > 1:
                try:
                    self._mended(sorted(rows, key=_preference))
                except Stopped as stopped:
                    raise PlatformFailed(f"deleting a second coupon for {key}: {stopped}") from None
                yield f"deleted a second coupon for {key}"

    def _named(self, reference: str) -> list[Row]:
        """The coupon of an id, if there is one."""
        if not (reference.isascii() and reference.isdigit()):
            return []
        try:
            row = self._rest.get(f"coupons/{reference}")
        except Absent:
            return []
        return [row] if isinstance(row, dict) else []

    def _show(self, intent: Intent, code: str) -> None:
        self._customers.write(intent.customer_id, {shown_as(intent): code})

    def _hide(self, intent: Intent) -> None:
        self._customers.erase(intent.customer_id, [shown_as(intent)])

    def _mended(self, rows: list[Row]) -> Row:
        """The one of some coupons to keep, after the others were deleted: into the trash those that were used."""
        kept, *doubles = rows
        for double in doubles:
            answer = self._rest.delete(_path(double), force=not was_used(double))
            if not (isinstance(answer, NotDone) and answer.absent):
                done(answer)
        return kept

    def _check(self, row: Row, intent: Intent, terms: Terms) -> None:
        """Close a coupon at once that isn't restricted to its customer, and refuse it."""
        if terms.restricts(row):
            return
        done(self._rest.put(_path(row), given_up()))
        self._hide(intent)
        raise refuse(
            "the shop doesn't keep the customer's email address as the restriction of a coupon, and without it anybody could "
            "use it: look at the address, and at plugins that change coupons; the coupon was made to expire"
        )


def _preference(row: Row) -> tuple[bool, bool, bool, int]:
    """Which of several coupons with one key to keep: a spent one, then one that is good, a used one, and the oldest."""
    spent = was_used(row) and row.get("usage_limit") == 1
    return not spent, is_over(row), not was_used(row), int(row["id"])


def _path(row: Row) -> str:
    return f"coupons/{int(row['id'])}"
