"""A tier's discount and its free shipping: one discount each for the segments of its tags, changed in place, never doubled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from vip_rules.adapter import Confirmed, Found, Intent, Missing, Outcome, Refused, RetryAfter, Sight, Unknown

from vip_rules_shopify.admin.answers import Answer, InDoubt, NotDone
from vip_rules_shopify.admin.client import Admin
from vip_rules_shopify.effects.alike import ordered
from vip_rules_shopify.effects.holdings import Holding, Holdings
from vip_rules_shopify.effects.outcomes import Stopped, done, made
from vip_rules_shopify.effects.segments import FORMER, Segment, Segments
from vip_rules_shopify.effects.tags import PREFIX
from vip_rules_shopify.effects.terms import MARK, Terms
from vip_rules_shopify.settings import Method

_MOST_TAGS: Final = 5
_LATER: Final = 5
"""Seconds after which what is left to tidy up is looked at again."""

_FORMS: Final = {"Basic": "basic", "FreeShipping": "free_shipping"}


class DiscountStates:
    """The discounts of one kind. `method` is how they are given; those that were given the other way are retired.

    `doubted` is told that the answer to the making of one was lost.
    """

    def __init__(
        self,
        admin: Admin,
        terms: Terms,
        method: Method,
        holdings: Holdings,
        segments: Segments,
        clock: Callable[[], datetime],
        doubted: Callable[[], None],
    ) -> None:
        self._admin, self._terms, self._method = admin, terms, method
        self._holdings, self._segments = holdings, segments
        self._clock, self._doubted = clock, doubted

    def carry_out(self, intent: Intent) -> Outcome:
        """Put or remove it. Raises Stopped and AdminFailed."""
        return self._put(intent) if intent.action == "put" else self._remove(intent)

    def sight(self, intent: Intent) -> Sight:
        """What its customers get; if it is given twice, or not as the settings say, that too."""
        active = [each for each in self._ours(intent) if each.is_active]
        fitting = [each for each in active if self._fits(each)]
        held = next(iter([*fitting, *active]), None)
        if held is None:
            return Missing()
        told = self._told(held, intent.payload)
        if not fitting:
            told["given"] = held.method.lower()
        if len(active) > 1:
            told["copies"] = len(active)
        return Found(told, held.id)

    def unlike_settings(self) -> Iterator[Intent]:
        """Puts of active discounts that are doubled, or aren't as the settings say: the program knows nothing of either."""
        seen: dict[tuple[str, str], Holding] = {}
        for held in sorted(self._holdings.all(), key=lambda holding: holding.age):
            tier = self._terms.tier(held.content["tags"])
            if tier is None or held.form != self._terms.form or not held.is_active:
                continue
            alone = seen.setdefault((tier, held.content["title"]), held) is held
            if alone and self._fits(held) and not self._terms.is_outdated(held.content):
                continue
            told = self._told(held, {})
            payload = {name: told[name] for name in self._terms.names}
            if None in payload.values() or not _are_ours(payload["tags"]):
                continue  # People changed it: a look tells that, and it is theirs to decide.
            key = f"{self._terms.kind}:{tier}"
            yield Intent(key=key, kind=self._terms.kind, payload=payload, known=payload, reference=held.id)

    def _put(self, intent: Intent) -> Outcome:
        own = _own_tag(intent)
        segments = [
            self._segments.kept(tag, None if tag == own else FORMER) for tag in intent.payload["tags"]
        ]
        ours = self._ours(intent)
        kept = next((each for each in ours if self._fits(each)), None)
        if kept is None:
            kept = self._made(intent, segments)
        elif not kept.is_active or self._told(kept, intent.payload) != intent.payload:
            kept = self._changed(kept, intent, segments)
        for other in ours:
            if other.id != kept.id:
                self._retire(other)
                if self._fits(other):
                    # Made twice, because an answer was lost: it has no history to keep.
                    done(self._mutate(f"{other.method.lower()}_delete", id=other.id))
                    self._holdings.forget(other)
        self._tidy(intent, kept=intent.payload["tags"])
        return Confirmed(kept.id)

    def _remove(self, intent: Intent) -> Outcome:
        for each in self._ours(intent):
            self._retire(each)
        self._tidy(intent, kept=())
        return Confirmed()

    def _made(self, intent: Intent, segments: list[Segment]) -> Holding:
        given = self._given(intent, {"customerSegments": {"add": [segment.id for segment in segments]}})
        given["startsAt"] = _instant(self._clock())
        if self._method == "Code":
            given |= {"code": self._code(intent.payload["tier"]), "appliesOncePerCustomer": False}
        answer = self._mutate(f"{self._name()}_create", discount=given)
        if isinstance(answer, InDoubt):
            self._doubted()
        if isinstance(answer, NotDone) and "TAKEN" in answer.codes:
            # An earlier try made it, and its answer was lost; or people have one of the same name.
            self._holdings.relist()
            kept = next((each for each in self._ours(intent) if self._fits(each)), None)
            if kept is not None:
                return self._changed(kept, intent, segments)
            raise Stopped(
                Refused(f"{answer.reason}: another discount has its title or code, rename that one")
            )
        return self._kept(done(answer))

    def _changed(self, held: Holding, intent: Intent, segments: list[Segment]) -> Holding:
        context = held.content["context"]
        present = [segment["id"] for segment in context.get("segments", ())]
        wanted = [segment.id for segment in segments]
        add = [id_ for id_ in wanted if id_ not in present]
        gone = [id_ for id_ in present if id_ not in wanted]
        change = {"customerSegments": {"add": add, "remove": gone}} if add or gone else None
        given = self._given(intent, change)
        others = (tag for tag in held.content["tags"] if not tag.casefold().startswith(MARK))
        given["tags"] = [*given["tags"], *others][:_MOST_TAGS]
        return self._kept(done(self._mutate(f"{self._name()}_update", id=held.id, discount=given)))

    def _given(self, intent: Intent, context: Mapping[str, Any] | None) -> dict[str, Any]:
        """What Shopify is asked for, but for what is said only once."""
        payload = intent.payload
        return {
            "title": payload["title"],
            "endsAt": None,
            "tags": self._terms.tags(payload),
            **self._terms.written(payload),
            **({} if context is None else {"context": context}),
        }

    def _retire(self, held: Holding) -> None:
        """End it, and keep its history."""
        if held.is_active:
            done(self._mutate(f"{held.method.lower()}_deactivate", id=held.id))
            self._holdings.forget(held)

    def _tidy(self, intent: Intent, kept: Any) -> None:
        """Delete the segments that only this discount had: those of tags beside the tier's own."""
        former = {*(intent.known or {}).get("tags", ()), *intent.payload["tags"]} - set(kept)
        for tag in sorted(former - {_own_tag(intent)}):
            segment = self._segments.of(tag)
            if segment is not None and not self._holdings.users(segment.id):
                self._tidied(segment)

    def _tidied(self, segment: Segment) -> None:
        try:
            self._segments.remove(segment)
        except Stopped as stopped:
            if not isinstance(stopped.outcome, Unknown):
                raise
            # All else is done. A look would find the discount as it should be, and nobody would find the segment.
            reason = f"whether the segment {segment.name} was deleted isn't known: {stopped.outcome.reason}"
            raise Stopped(RetryAfter(_LATER, reason)) from None

    def _ours(self, intent: Intent) -> list[Holding]:
        """The discounts that are this one, by mark, reference and code; the one that stays first.

        Who copies a discount in the admin copies its mark, too. A copy has another title, and is its people's own.
        """
        tier = intent.payload["tier"]
        mark = self._terms.mark(tier)
        found = {holding.id: holding for holding in self._holdings.marked(mark)}
        if intent.reference is not None and intent.reference not in found:
            known = self._holdings.by_id(intent.reference)
            found |= {known.id: known} if known else {}
        # There may be too many codes in a shop to list them.
        coded = self._holdings.by_code(self._code(tier))
        if coded is not None and coded.is_marked(mark):
            found[coded.id] = coded
        titles = {intent.payload["title"], (intent.known or {}).get("title")}
        named = [
            each for each in found.values() if each.content["title"] in titles or each.id == intent.reference
        ]
        several = sorted(named or found.values(), key=lambda holding: holding.age)
        return several if named else several[:1]

    def _fits(self, held: Holding) -> bool:
        return held.method == self._method and held.form == self._terms.form

    def _told(self, held: Holding, asked: Mapping[str, Any]) -> dict[str, Any]:
        content = held.content
        segments = [
            Segment(node["id"], node["name"], node["query"])
            for node in content["context"].get("segments", ())
        ]
        return {
            "tier": self._terms.tier(content["tags"]),
            "tags": ordered((segment.tag for segment in segments), asked.get("tags")),
            "title": content["title"],
            **self._terms.told(content, asked),
            **({} if content["endsAt"] is None else {"ends": content["endsAt"]}),
        }

    def _name(self) -> str:
        return f"{self._method.lower()}_{_FORMS[self._terms.form]}"

    def _code(self, tier: str) -> str:
        return f"VIP-{tier}-{self._terms.word}".upper()

    def _mutate(self, name: str, **variables: Any) -> Answer:
        return self._admin.mutate(name, **variables)

    def _kept(self, data: Mapping[str, Any]) -> Holding:
        return self._holdings.keep(made(data, "automaticDiscountNode", "codeDiscountNode"))


def _are_ours(tags: Sequence[str]) -> bool:
    return bool(tags) and all(tag.startswith(PREFIX) for tag in tags)


def _own_tag(intent: Intent) -> str:
    """The tag of the tier itself: its segment is an effect of its own."""
    return f"{PREFIX}{intent.payload['tier']}"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
