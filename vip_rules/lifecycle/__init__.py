"""The life of a standing: how it goes on from day to day by the facts, as a state machine. Pure: no clock, no store."""

from vip_rules.lifecycle.beginnings import OnChange, enrol, rebase
from vip_rules.lifecycle.forecast import look_ahead, notices_due, with_notices
from vip_rules.lifecycle.life import Ahead, Facts, Kind, Life, Transition
from vip_rules.lifecycle.origin import rule_of
from vip_rules.lifecycle.replay import advance

__all__ = [
    "Ahead",
    "Facts",
    "Kind",
    "Life",
    "OnChange",
    "Transition",
    "advance",
    "enrol",
    "look_ahead",
    "notices_due",
    "rebase",
    "rule_of",
    "with_notices",
]
