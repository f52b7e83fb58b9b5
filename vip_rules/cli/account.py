"""The account of a customer as `explain` prints it for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from vip_rules.ledger import Recorded
from vip_rules.localdays import day_date
from vip_rules.operations.account import Account
from vip_rules.standing import FOREVER
from vip_rules.wording import day_in_words

FEW_ORDERS: Final = 10
FEW_ENTRIES: Final = 20
"""How many orders and decisions are shown to a person, the latest ones; JSON has all."""


def account_lines(account: Account) -> Iterator[str]:
    """An account for a person to read."""
    yield from _standing(account)
    yield from _pending(account)
    yield from _ahead(account)
    yield from _section("That day by today's data" if account.earlier else "Conditions", ())
    yield from (f"  {line}" for line in list(account.explanation.trees())[1:] if line)
    if account.next_tier:
        missing = [lack.sentence(account.program.currency) for lack in account.missing]
        yield from _section(f"Missing to {account.next_tier.name}", missing or ["nothing"])
    if account.benefits:
        yield from _section("Benefits", account.benefits)
    yield from _orders(account)
    yield from _section("Decisions", _decisions(account), when=bool(account.entries))
    yield from _effects(account)
    yield ""
    yield f"Program {account.program.id} {account.program.version}"


def _standing(account: Account) -> Iterator[str]:
    """Who it is, the tier, and its dates."""
    standing, day = account.standing, account.day
    shown = account.tier.name if account.tier else "no tier"
    status = standing.status(day)
    said = f" ({status})" if status not in ("member", "none") else ""
    yield f"Customer {account.person.id} on {_said(day)}: {shown}{said}"
    own = _name(account, standing.tier)
    if (pin := standing.pin_on(day)) is not None:
        end = "until unpinned" if pin.until is None else f"until {_said(pin.until)}"
        least = " at least" if pin.floor else ""
        yield f"  pinned to {_name(account, pin.tier)}{least} {end}, by {pin.by}: {pin.reason}"
        yield f"  beneath the pin: {own}"
    if standing.since is not None:
        yield f"  {own} since {_said(standing.since)}"
    if standing.secured_until is not None:
        yield f"  secured {'for ever' if standing.secured_until >= FOREVER else f'until {_said(standing.secured_until)}'}"
    if standing.grace_until is not None:
        verb = "was over on" if standing.grace_until < day else "until"
        yield f"  grace {verb} {_said(standing.grace_until)}"
    if standing.landing_until is not None:
        former = _name(account, standing.landing_from)
        yield f"  keeps benefits of {former} until {_said(standing.landing_until)}"
    if standing.grandfathered:
        yield "  kept from before the program changed, until the new rules are met"
    if standing.highest_tier is not None and standing.highest_tier != standing.tier:
        yield f"  highest tier so far: {_name(account, standing.highest_tier)}"
    yield f"  customer since {_said(account.person.joined)}"
    if account.applied is None:
        yield "  nothing was applied yet: vip-rules plan shows what would be decided"


def _pending(account: Account) -> Iterator[str]:
    changes = account.pending
    if changes:
        title = (
            f"{len(changes)} change{'' if len(changes) == 1 else 's'} not applied yet (vip-rules plan, apply)"
        )
        yield from _section(title, (f"{each.sign} {each.what}: {each.reason}" for each in changes), mark="")


def _ahead(account: Account) -> Iterator[str]:
    """What happens without further orders."""
    outlook = account.outlook
    if outlook is None:
        if account.tier is not None and not account.earlier:
            yield from _section("Ahead", ["nothing takes the tier away within the next two years"])
        return
    ahead = outlook.ahead
    before, after = _name(account, ahead.before), _name(account, ahead.after)
    said = [f"{before} lasts until {_said(ahead.day - 1)}; without further orders {after} from the day after"]
    for lack in outlook.keep:
        gap = lack.gap_in_words(account.program.currency)
        said.append(f"to keep it by then: {lack.figure.phrase}: {gap or 'as the condition asks'}")
    given = [notice for notice in account.standing.notices if notice.ahead > account.day]
    said += [
        f"notice was given on {_said(notice.on)}, {notice.before} before {_said(notice.ahead)}"
        for notice in given
    ]
    yield from _section("Ahead", said)


def _orders(account: Account) -> Iterator[str]:
    currency, placed = account.program.currency, account.orders
    real = [order for order in placed if order.real]
    value, refunded = sum(order.value for order in real), sum(order.refunded for order in placed)
    plural = "" if len(real) == 1 else "s"
    title = f"{len(real):,} order{plural} count{'s' if len(real) == 1 else ''}, {currency.shown(value)}"
    if refunded:
        title += f"; {currency.shown(refunded)} refunded"
    rows = []
    for order in placed[:FEW_ORDERS]:
        row = f"{day_date(order.day)}  {order.id}  {currency.shown(order.value)}"
        if order.refunded:
            row += f", {currency.shown(order.refunded)} refunded"
        rows.append(row if order.real else f"{row}: no order any more")
    if len(placed) > FEW_ORDERS:
        rows.append(f"… and {len(placed) - FEW_ORDERS:,} before")
    yield from _section(title, rows, mark="")


def _decisions(account: Account) -> Iterator[str]:
    """The history out of the ledger, the latest last."""
    told = [line for entry in account.entries for line in _told(account, entry)]
    if len(told) > FEW_ENTRIES:
        yield f"… {len(told) - FEW_ENTRIES:,} before"
    yield from told[-FEW_ENTRIES:]


def _told(account: Account, entry: Recorded) -> Iterator[str]:
    """What a person wants to know of an entry; nothing of what only the outbox asks."""
    says = entry.says or {}
    day = day_date(entry.day)
    match entry.kind:
        case "standing":
            by = f"[{says.get('version', '')}]"
            for each in says.get("transitions", ()):
                yield f"{each['day']}  {_transition(account, each)}: {each['reason']} {by}"
            for notice in says.get("notices", ()):
                yield f"{notice['on']}  notice of {notice['before']}: demotion on {notice['ahead']} {by}"
            if says.get("closed"):
                yield f"{day}  closed: {says['reason']} {by}"
            elif not says.get("transitions") and not says.get("notices"):
                yield f"{day}  {says['what']}: {says['reason']} {by}"
        case "pin":
            yield f"{day}  pinned to {_name(account, says['tier'])} by {says['by']}: {says['reason']}"
        case "unpin":
            yield f"{day}  unpinned by {says['by']}" + (f": {says['reason']}" if says.get("reason") else "")
        case "drift":
            yield f"{day}  {entry.key} had been changed by hand in the store"
        case "stale":
            yield f"{day}  skipped as stale: {says['reason']}"


def _transition(account: Account, said: Mapping[str, Any]) -> str:
    moved = said["before"] != said["after"]
    return f"{said['kind']} to {_name(account, said['after'])}" if moved else said["kind"]


def _effects(account: Account) -> Iterator[str]:
    if account.held:
        yield from _section("In the store", (_state(key, payload) for key, payload in account.held.items()))
    given = [
        f"{each.record()['due']}  {payload['amount']} {payload['currency']} ({payload['occasion']}): {each.row.state}"
        for each in account.credits
        for payload in [each.record()["payload"]]
    ]
    yield from _section("Store credits", given, when=bool(given))
    waiting = [
        f"{each.row.action} {each.row.key}: {each.row.state}"
        + (f" ({each.row.reason})" if each.row.reason else "")
        for each in account.underway
    ]
    yield from _section("Under way", waiting, when=bool(waiting))


def _state(key: str, payload: Mapping[str, Any]) -> str:
    if "tags" in payload:
        return f"{key}: tags {', '.join(payload['tags'])}"
    if "title" in payload:
        return f"{key}: {payload['title']}"
    return f"{key}: {', '.join(each['text'] for each in payload.get('entitlements', ()))}"


def _section(title: str, lines: Any, *, mark: str = "- ", when: bool = True) -> Iterator[str]:
    if when:
        yield ""
        yield title
        yield from (f"  {mark}{line}" for line in lines)


def _name(account: Account, tier: str | None) -> str:
    return next((each.name for each in account.program.tiers if each.id == tier), tier or "no tier")


def _said(day: int) -> str:
    return day_in_words(day_date(day))
