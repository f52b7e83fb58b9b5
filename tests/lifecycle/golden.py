"""Golden lives: the sentences of the design about standings, each with a life that shows it."""

from __future__ import annotations

from typing import Final

from tests.lifecycle.lives import WITHOUT_STATUS, Golden, day, life, number, pin
from vip_rules.lifecycle import rule_of
from vip_rules.standing import FOREVER, Promotion, Standing

JANUARY_TO_JUNE = day("2026-01-10", "gold", "promotion: member gold, since 2026-01-10, highest tier gold")
"""Gold from January on; most lives then fall short."""

PROMOTIONS: Final = (
    life(
        "qualified above current is a promotion at once",
        day("2026-01-09", "none", "none none, highest tier nothing"),
        day("2026-01-10", "silver", "promotion: member silver, since 2026-01-10, highest tier silver"),
        day("2026-01-11", "platinum", "promotion: member platinum, since 2026-01-11, highest tier platinum"),
        day("2026-05-11", "platinum", "member platinum, since 2026-01-11"),
    ),
    life(
        "a promotion clears grace",
        day("2026-01-10", "silver", "promotion: member silver"),
        day("2026-02-10", "none", "grace: grace silver, grace until 2026-05-10"),
        day("2026-03-10", "gold", "promotion: member gold, grace until nothing"),
    ),
    life(
        "a promotion clears the landing",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "demotion: landing silver, landing until 2026-07-01, landing from gold"),
        day("2026-06-10", "gold", "promotion: member gold, landing until nothing, landing from nothing"),
        grace="none",
        soft_landing={"for": "30 days", "keep": ["free_shipping"]},
    ),
    life(
        "the highest tier is that ever held",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "demotion: member silver, highest tier gold"),
        day("2026-06-02", "none", "demotion: none none, highest tier gold"),
        day("2026-06-03", "silver", "promotion: member silver, highest tier gold"),
        grace="none",
    ),
)

TERMS: Final = (
    life(
        "rolling secures nothing",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "grace: grace gold, secured until nothing"),
        term="rolling",
    ),
    life(
        "a term of months is fixed from the promotion, its last day included",
        day("2026-01-31", "gold", "promotion: secured gold, secured until 2026-02-28"),
        day("2026-02-10", "none", "secured gold, secured until 2026-02-28, grace until nothing"),
        day("2026-02-20", "none, undecided gold", "secured gold"),
        day("2026-02-21", "none", "secured gold"),
        day("2026-02-28", "none", "secured gold"),
        day("2026-03-01", "none", "grace: grace gold, grace until 2026-06-01"),
        term="1 month",
    ),
    life(
        "the next term starts on the first day after it on which the customer is qualified",
        day("2026-01-10", "gold", "promotion: secured gold, secured until 2027-01-10"),
        day("2026-12-01", "gold", "secured gold, secured until 2027-01-10"),
        day("2027-01-10", "gold", "secured gold, secured until 2027-01-10"),
        day("2027-01-11", "gold", "term: secured gold, secured until 2028-01-11"),
        term="12 months",
    ),
    life(
        "the next term starts late if the customer is short at first",
        day("2026-01-10", "gold", "promotion: secured gold, secured until 2027-01-10"),
        day("2027-01-01", "none", "secured gold"),
        day("2027-01-11", "none", "grace: grace gold"),
        day(
            "2027-02-01",
            "silver, keeps gold",
            "requalification and term: secured gold, secured until 2028-02-01",
        ),
        term="12 months",
    ),
    life(
        "any day of a calendar year secures the tier to the end of the next",
        day("2026-12-30", "gold", "promotion: secured gold, secured until 2027-12-31"),
        day("2026-12-31", "gold", "secured gold, secured until 2027-12-31"),
        day("2027-01-01", "gold", "term: secured gold, secured until 2028-12-31"),
        day("2027-01-02", "none", "secured gold, secured until 2028-12-31"),
        day("2028-12-31", "none", "secured gold"),
        day("2029-01-01", "none", "grace: grace gold"),
        term="calendar year",
    ),
    life(
        "a lifetime is for ever",
        day("2026-01-10", "gold", "promotion: secured gold, secured until 9999-12-31"),
        day("2090-01-01", "none", "secured gold, secured until 9999-12-31"),
        day("2150-01-01", "none", "secured gold"),
        term="lifetime",
    ),
    life(
        "what is secured for longer stays so",
        day("2026-06-01", "gold", "secured gold, secured until 9999-12-31"),
        opening=Standing(tier="gold", secured_until=FOREVER, highest_tier="gold"),
        term="calendar year",
    ),
    life(
        "a promotion begins a new term",
        day("2026-01-10", "silver", "promotion: secured silver, secured until 2027-01-10"),
        day("2026-06-10", "gold", "promotion: secured gold, secured until 2027-06-10"),
        term="12 months",
    ),
    life(
        "who holds a tier without a term is secured from the first day that would begin one",
        day("2026-06-01", "none", "member gold"),
        day("2026-06-10", "gold", "term: secured gold, secured until 2027-06-10"),
        opening=Standing(tier="gold", since=number("2025-01-01"), highest_tier="gold", grandfathered=True),
        term="12 months",
    ),
)

GRACE: Final = (
    life(
        "short starts grace, its last day included",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "grace: grace gold, grace until 2026-09-01"),
        day("2026-09-01", "silver", "grace gold"),
        day("2026-09-02", "silver", "demotion: member silver, since 2026-09-02, grace until nothing"),
    ),
    life(
        "qualified again clears grace",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "grace: grace gold"),
        day("2026-08-31", "gold", "requalification: member gold, grace until nothing, since 2026-01-10"),
        day("2026-09-02", "gold", "member gold"),
    ),
    life(
        "kept clears grace",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "grace: grace gold"),
        day("2026-08-31", "silver, keeps gold", "requalification: member gold, grace until nothing"),
    ),
    life(
        "who keeps the tier isn't short",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver, keeps gold", "member gold"),
        day("2026-12-01", "none, keeps gold", "member gold"),
    ),
    life(
        "to keep a tier doesn't reach it",
        day("2026-01-10", "silver, keeps gold", "promotion: member silver"),
    ),
    life(
        "grace by the customer's own cycle, as of that day",
        day("2026-01-10", "gold", "promotion: member gold"),
        day("2026-06-01", "silver, cycle 40", "grace: grace gold, grace until 2026-08-20"),
        day("2026-06-02", "silver, cycle 90", "grace gold, grace until 2026-08-20"),
        grace={"cycles": 2, "at_least": "30 days"},
    ),
    life(
        "grace by the cycle is at least a time",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver, cycle 3", "grace: grace gold, grace until 2026-07-01"),
        grace={"cycles": 2, "at_least": "30 days"},
    ),
    life(
        "with an unknown cycle grace is the least",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "grace: grace gold, grace until 2026-07-01"),
        grace={"cycles": 2, "at_least": "30 days"},
    ),
    life(
        "without grace a demotion follows at once",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "demotion: member silver, since 2026-06-01"),
        grace="none",
    ),
)

DEMOTIONS: Final = (
    life(
        "one tier is one step down, with a new grace if still short",
        day("2026-01-10", "platinum", "promotion: member platinum"),
        day("2026-06-01", "none", "grace: grace platinum, grace until 2026-07-01"),
        day("2026-07-02", "none", "demotion and grace: grace gold, grace until 2026-08-02"),
        day("2026-08-03", "none", "demotion and grace: grace silver, grace until 2026-09-03"),
        day(
            "2026-09-04",
            "none",
            "demotion: none none, since nothing, grace until nothing, highest tier platinum",
        ),
        grace="1 month",
    ),
    life(
        "one tier never goes below qualified",
        day("2026-01-10", "platinum", "promotion: member platinum"),
        day("2026-06-01", "gold", "grace: grace platinum"),
        day("2026-07-02", "gold", "demotion: member gold, grace until nothing"),
        day("2027-07-02", "gold", "member gold"),
        grace="1 month",
    ),
    life(
        "who keeps the lower tier isn't still short",
        day("2026-01-10", "gold", "promotion: member gold"),
        day("2026-06-01", "none, keeps silver", "grace: grace gold"),
        day("2026-07-02", "none, keeps silver", "demotion: member silver, grace until nothing"),
        grace="1 month",
    ),
    life(
        "without grace one tier is one step a day",
        day("2026-01-10", "platinum", "promotion: member platinum"),
        day("2026-06-01", "none", "demotion: member gold"),
        day("2026-06-02", "none", "demotion: member silver"),
        day("2026-06-03", "none", "demotion: none none"),
        grace="none",
    ),
    life(
        "a demotion begins no term; the next day on which the customer is qualified does",
        day("2026-01-10", "gold", "promotion: secured gold, secured until 2026-02-10"),
        day("2026-02-11", "silver", "grace: grace gold"),
        day("2026-03-12", "silver", "demotion: member silver, secured until nothing"),
        day("2026-03-13", "silver", "term: secured silver, secured until 2026-04-13"),
        term="1 month",
        grace="1 month",
    ),
    life(
        "to qualified is all the way down",
        day("2026-01-10", "platinum", "promotion: member platinum"),
        day("2026-06-01", "silver", "grace: grace platinum"),
        day("2026-07-02", "silver", "demotion: member silver, grace until nothing"),
        grace="1 month",
        demotion="to qualified",
    ),
    life(
        "to qualified can be no tier",
        day("2026-01-10", "platinum", "promotion: member platinum"),
        day("2026-06-01", "none", "grace: grace platinum"),
        day("2026-07-02", "none", "demotion: none none"),
        grace="1 month",
        demotion="to qualified",
    ),
    life(
        "a landing lasts through its last day",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "demotion: landing silver, landing until 2026-07-01, landing from gold"),
        day("2026-07-01", "silver", "landing silver"),
        day(
            "2026-07-02",
            "silver",
            "landing ended: member silver, landing until nothing, landing from nothing",
        ),
        grace="none",
        soft_landing={"for": "30 days", "keep": ["free_shipping"]},
    ),
    life(
        "a later demotion replaces the landing",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "demotion: landing silver, landing until 2026-07-01, landing from gold"),
        day("2026-06-11", "none", "demotion: landing none, landing until 2026-07-11, landing from silver"),
        grace="none",
        soft_landing={"for": "30 days", "keep": ["free_shipping"]},
    ),
    life(
        "grace is shown before the landing",
        JANUARY_TO_JUNE,
        day("2026-06-01", "none", "grace: grace gold"),
        day(
            "2026-06-12",
            "none",
            "demotion and grace: grace silver, landing from gold, grace until 2026-06-22",
        ),
        grace="10 days",
        soft_landing={"for": "30 days", "keep": ["free_shipping"]},
    ),
)

NOTICES: Final = (
    life(
        "a demotion waits for a notice",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "grace: grace gold, grace until 2026-07-01"),
        day("2026-12-01", "silver", "member gold, grace until 2026-07-01"),
        grace="1 month",
        warn_before=["60 days", "30 days"],
    ),
    life(
        "a demotion waits until the shortest time has passed since the first notice",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "grace: grace gold"),
        day("2026-06-21", "silver", "grace gold", told="60 days"),
        day("2026-06-22", "silver", "grace gold", told="30 days"),
        day("2026-07-20", "silver", "member gold"),
        day("2026-07-21", "silver", "demotion: member silver"),
        grace="1 month",
        warn_before=["60 days", "30 days"],
    ),
    life(
        "a demotion that was announced in time doesn't wait",
        JANUARY_TO_JUNE,
        day("2026-05-02", "gold", "member gold", told="60 days"),
        day("2026-06-01", "silver", "grace: grace gold, grace until 2026-07-01"),
        day("2026-07-02", "silver", "demotion: member silver"),
        grace="1 month",
        warn_before=["60 days", "30 days"],
    ),
    life(
        "requalifying voids notices",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "grace: grace gold", told="30 days"),
        day("2026-06-10", "gold", "requalification: member gold"),
        day("2026-06-11", "silver", "grace: grace gold, grace until 2026-07-11"),
        day("2026-08-11", "silver", "member gold", told="30 days"),
        day("2026-09-10", "silver", "demotion: member silver"),
        grace="1 month",
        warn_before=["30 days"],
    ),
    life(
        "a demotion uses its notices up",
        JANUARY_TO_JUNE,
        day("2026-06-01", "none", "grace: grace gold", told="30 days"),
        day("2026-07-02", "none", "demotion and grace: grace silver, grace until 2026-08-02"),
        day("2026-09-01", "none", "member silver", told="30 days"),
        day("2026-09-30", "none", "member silver"),
        day("2026-10-01", "none", "demotion: none none"),
        grace="1 month",
        warn_before=["30 days"],
    ),
    life(
        "without grace the tier stays until notice was given and has passed",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "member gold, grace until 2026-05-31", told="30 days"),
        day("2026-06-30", "silver", "member gold"),
        day("2026-07-01", "silver", "demotion: member silver"),
        grace="none",
        warn_before=["30 days"],
    ),
    life(
        "without grace requalifying voids notices, too",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "member gold", told="30 days"),
        day("2026-06-10", "gold", "requalification: member gold, grace until nothing"),
        day("2026-06-11", "silver", "member gold"),
        day("2026-07-20", "silver", "member gold"),
        grace="none",
        warn_before=["30 days"],
    ),
    life(
        "a day that was announced and finds the customer qualified voids the notices",
        JANUARY_TO_JUNE,
        day("2026-05-10", "gold", "member gold", told="30 days before 2026-06-05"),
        day("2026-06-06", "silver", "member gold"),
        day("2026-06-20", "silver", "member gold"),
        grace="none",
        warn_before=["30 days"],
    ),
)

REVOCATIONS: Final = (
    life(
        "a promotion that today's data doesn't bear out is taken back at once, in every term",
        day("2026-01-10", "silver", "promotion: secured silver, secured until 9999-12-31"),
        day("2026-02-10", "gold", "promotion: secured gold, highest tier gold"),
        day(
            "2026-02-20",
            "silver",
            "revocation: secured silver, since 2026-01-10, highest tier silver, secured until 9999-12-31",
            held_on={"2026-02-10": "silver"},
        ),
        term="lifetime",
    ),
    life(
        "a revocation needs no notice, leaves no grace and no landing",
        day("2026-01-10", "gold", "promotion: member gold"),
        day("2026-06-10", "silver", "grace: grace gold, grace until 2026-09-10"),
        day(
            "2026-06-20",
            "silver",
            "revocation and promotion: member silver, grace until nothing, landing until nothing",
            held_on={"2026-01-10": "silver"},
        ),
        soft_landing={"for": "30 days", "keep": ["free_shipping"]},
        warn_before=["30 days"],
    ),
    life(
        "who qualifies now stays, whatever was on that day",
        day("2026-01-10", "gold", "promotion: member gold"),
        day("2026-02-10", "gold", "member gold, since 2026-01-10", held_on={"2026-01-10": "none"}),
    ),
    life(
        "who qualified on that day has grace",
        day("2026-01-10", "gold", "promotion: member gold"),
        day("2026-02-10", "none", "grace: grace gold", held_on={"2026-01-10": "gold"}),
    ),
    life(
        "who keeps an undeserved tier loses it all the same",
        day("2026-01-10", "gold", "promotion: member gold"),
        day(
            "2026-02-10",
            "none, keeps gold",
            "revocation: none none, since nothing, highest tier nothing",
            held_on={"2026-01-10": "silver"},
        ),
    ),
    life(
        "one promotion after the other is taken back",
        day("2026-01-10", "silver", "promotion: member silver"),
        day("2026-02-10", "gold", "promotion: member gold"),
        day("2026-03-10", "platinum", "promotion: member platinum"),
        day(
            "2026-04-10",
            "none",
            "revocation and revocation and grace: grace silver, since 2026-01-10, highest tier silver",
            held_on={"2026-01-10": "silver", "2026-02-10": "silver", "2026-03-10": "silver"},
        ),
    ),
    life(
        "what is left of an undeserved tier is taken back, too",
        day("2026-01-10", "platinum", "promotion: member platinum"),
        day("2026-06-01", "none", "demotion: member gold", held_on={"2026-01-10": "platinum"}),
        day(
            "2026-06-02",
            "none",
            "revocation: none none, highest tier nothing",
            held_on={"2026-01-10": "silver"},
        ),
        grace="none",
    ),
    life(
        "what is left of a tier is deserved by whoever qualified for it",
        day("2026-01-10", "platinum", "promotion: member platinum"),
        day("2026-06-01", "none", "grace: grace platinum"),
        day("2026-06-12", "none", "demotion and grace: grace gold", held_on={"2026-01-10": "platinum"}),
        day("2026-06-13", "none", "grace gold", held_on={"2026-01-10": "gold"}),
        grace="10 days",
    ),
    life(
        "who qualified for a higher tier on that day deserved this one, too",
        day("2026-01-10", "gold", "promotion: member gold"),
        day("2026-02-10", "none", "grace: grace gold", held_on={"2026-01-10": "only platinum"}),
    ),
    life(
        "a tier that no promotion explains isn't taken back",
        day("2026-02-10", "none", "grace: grace gold", held_on={"2026-01-10": "none"}),
        opening=Standing(
            tier="gold",
            promotions=(
                Promotion("silver", number("2026-01-10"), rule_of(WITHOUT_STATUS, WITHOUT_STATUS.tiers[0])),
            ),
        ),
    ),
    life(
        "without figures of that day nothing is taken back",
        day("2026-01-10", "gold", "promotion: member gold"),
        day("2026-02-10", "none", "grace: grace gold"),
    ),
)

PINS: Final = (
    life(
        "a pin counts through its last day, the standing goes on beneath",
        day("2026-01-10", "silver", "promotion: member silver", pinned=pin("platinum", "2026-03-31")),
        day("2026-02-10", "gold", "promotion: pinned platinum, tier gold, highest tier gold"),
        day("2026-03-31", "gold", "pinned platinum"),
        day("2026-04-01", "gold", "pin ended: member gold, pin nothing, highest tier gold"),
    ),
    life(
        "a pin can be lower than the tier, or none",
        day("2026-01-10", "gold", "promotion: member gold", pinned=pin(None)),
        day("2026-02-10", "gold", "pinned none, tier gold"),
    ),
    life(
        "with a floor the higher of both counts",
        day("2026-01-10", "silver", "promotion: member silver", pinned=pin("gold", floor=True)),
        day("2026-02-10", "silver", "pinned gold"),
        day("2026-03-10", "platinum", "promotion: pinned platinum, highest tier platinum"),
    ),
    life(
        "beneath a pin a demotion lowers nothing, and needs no notice",
        day("2026-01-10", "silver", "promotion: member silver", pinned=pin("gold", "2026-12-31")),
        day("2026-06-01", "none", "grace: pinned gold, tier silver"),
        day("2026-07-02", "none", "demotion: pinned gold, tier nothing"),
        day("2027-01-01", "none", "pin ended: none none"),
        grace="1 month",
        warn_before=["30 days"],
    ),
    life(
        "above a floor a demotion waits for its notice",
        day("2026-01-10", "gold", "promotion: member gold", pinned=pin("silver", floor=True)),
        day("2026-06-01", "none", "grace: pinned gold"),
        day("2026-09-01", "none", "pinned gold", told="30 days"),
        day("2026-10-01", "none", "demotion and grace: pinned silver, grace until 2026-11-01"),
        day("2026-11-02", "none", "demotion: pinned silver, tier nothing"),
        grace="1 month",
        warn_before=["30 days"],
    ),
    life(
        "the end of a pin uses up the notices of it, and no demotion can rest on them",
        day("2026-01-10", "silver", "promotion: member silver", pinned=pin("gold", "2026-06-30")),
        day("2026-06-01", "silver", "pinned gold", told="30 days before 2026-07-01"),
        day("2026-06-02", "none", "grace: pinned gold, grace until 2026-07-02"),
        day("2026-07-01", "none", "pin ended: grace silver"),
        day("2026-08-01", "none", "member silver"),
        grace="1 month",
        warn_before=["30 days"],
    ),
)

STANDING_STILL: Final = (
    life(
        "no grace or demotion rests on untrusted windows",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver, undecided gold", "member gold"),
        day("2027-06-01", "silver, undecided gold", "member gold"),
        day("2027-06-02", "silver", "grace: grace gold"),
    ),
    life(
        "a grace that has begun stands still, too",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver", "grace: grace gold, grace until 2026-07-01"),
        day("2026-06-02", "silver, undecided gold", "grace gold"),
        day("2026-07-02", "silver, undecided gold", "member gold, grace until 2026-07-01"),
        day("2026-08-01", "silver", "demotion: member silver"),
        grace="1 month",
    ),
    life(
        "a trusted window promotes past an untrusted one",
        day("2026-01-10", "platinum, undecided silver", "promotion: member platinum"),
    ),
    life(
        "a demotion to qualified doesn't pass a tier that can't be decided",
        day("2026-01-10", "platinum", "promotion: member platinum"),
        day("2026-06-01", "none, undecided silver", "demotion: member silver"),
        grace="none",
        demotion="to qualified",
    ),
    life(
        "no revocation rests on untrusted windows",
        JANUARY_TO_JUNE,
        day("2026-06-01", "silver, undecided gold", "member gold", held_on={"2026-01-10": "silver"}),
    ),
    life(
        "a grandfathered tier is kept without grace until it qualifies by itself",
        day("2026-06-01", "none", "member gold"),
        day("2026-06-02", "none, undecided gold", "member gold"),
        day("2027-06-01", "gold", "member gold"),
        day("2027-06-02", "none", "grace: grace gold"),
        opening=Standing(tier="gold", since=number("2025-01-01"), highest_tier="gold", grandfathered=True),
    ),
    life(
        "a grandfathered tier is kept until it is kept by itself",
        day("2026-06-01", "none, keeps gold", "member gold"),
        day("2027-06-02", "none", "grace: grace gold"),
        opening=Standing(tier="gold", since=number("2025-01-01"), highest_tier="gold", grandfathered=True),
    ),
    life(
        "a grandfathered tier doesn't keep from the next",
        day("2026-06-01", "platinum", "promotion: member platinum"),
        day("2026-06-02", "none", "grace: grace platinum"),
        opening=Standing(tier="gold", since=number("2025-01-01"), highest_tier="gold", grandfathered=True),
    ),
)

LIVES: Final[tuple[Golden, ...]] = (
    *PROMOTIONS,
    *TERMS,
    *GRACE,
    *DEMOTIONS,
    *NOTICES,
    *REVOCATIONS,
    *PINS,
    *STANDING_STILL,
)
