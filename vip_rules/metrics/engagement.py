"""What customers do besides buying."""

from vip_rules.metrics.definition import Metric, Part, Unit
from vip_rules.metrics.filters import EVENT_FILTERS

EVENTS = Metric(
    name="events",
    title="Events",
    description="How many events the window has: reviews, referrals, visits, email opens, whatever the events file brings; "
    'narrow it by `"where": {"type": …}`.',
    unit=Unit.COUNT,
    rows="events",
    parts={"events": Part("count")},
    figure=lambda p: p["events"],
    sentence="events {window}",
    filters=EVENT_FILTERS,
    needs=("events.type",),
)

METRICS = (EVENTS,)
