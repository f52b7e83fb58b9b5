"""Who the customers are: their time in the program, the standing they come with, their tags and channels."""

import narwhals.stable.v2 as nw

from vip_rules.metrics.definition import Metric, Part, Parts, Unit, Windows

MEMBER_DAYS = Metric(
    name="member_days",
    title="Member days",
    description="Days since the customer joined the program; unknown for one who joins after the day of the evaluation.",
    unit=Unit.DAYS,
    rows="customer",
    figure=lambda p: _days_since(p, "joined"),
    parts={"joined": Part("most", "joined")},
    sentence="days in the program",
    windows=Windows.NONE,
)

CURRENT_TIER = Metric(
    name="current_tier",
    title="Current tier",
    description="The id of the tier held before this evaluation; unknown where no standing is kept, as in `evaluate`.",
    unit=Unit.TEXT,
    rows="customer",
    parts={"tier": Part("most", "current_tier")},
    figure=lambda p: p["tier"],
    sentence="current tier",
    windows=Windows.NONE,
)

HIGHEST_TIER = Metric(
    name="highest_tier",
    title="Highest tier",
    description="The id of the highest tier ever held before this evaluation; unknown where no standing is kept, as in "
    "`evaluate`. Finds fallen VIPs to win back.",
    unit=Unit.TEXT,
    rows="customer",
    parts={"tier": Part("most", "highest_tier")},
    figure=lambda p: p["tier"],
    sentence="highest tier ever",
    windows=Windows.NONE,
)

TAG = Metric(
    name="tag",
    title="Tag",
    description="The customer's tags in the store; `is` asks whether they have one. Capitals matter.",
    unit=Unit.SET,
    rows="customer",
    parts={"tags": Part("values", "tags")},
    figure=lambda p: p["tags"],
    sentence="tags",
    windows=Windows.NONE,
    needs=("customers.tags",),
)

CHANNEL = Metric(
    name="channel",
    title="Channel",
    description="The channels in which the customer ordered in the window; `is` asks whether one of them is among these.",
    unit=Unit.SET,
    rows="orders",
    parts={"channels": Part("values", "channel")},
    figure=lambda p: p["channels"],
    sentence="channels {window}",
    needs=("orders.channel",),
)

METRICS = (MEMBER_DAYS, CURRENT_TIER, HIGHEST_TIER, TAG, CHANNEL)


def _days_since(p: Parts, part: str) -> nw.Expr:
    return nw.when(p[part] <= p.as_of).then(p.as_of - p[part])
