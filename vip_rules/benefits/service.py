"""What people do for a member: support, events, and anything else in words."""

from vip_rules.benefits.arguments import choice, words
from vip_rules.benefits.definition import BenefitType

LEVELS = {"priority": "priority support", "personal": "a personal representative"}

SUPPORT = BenefitType(
    name="support",
    title="Support",
    description="How the member's questions are answered.",
    properties={
        "level": choice("By whom: a queue before all others, or a representative of their own.", *LEVELS),
        "response_time": {
            **words("In what time there is an answer.", "30 seconds", "1 hour", "2 hours", "1 day"),
            "format": "response time",
            "pattern": "^[1-9][0-9]{0,3} (second|minute|hour|day)s?$",
        },
    },
    required=("level",),
    defaults={"response_time": ""},
    variant="level",
    sentence=lambda given, _: (
        LEVELS[given["level"]]
        + (f", with an answer within {given['response_time']}" if given["response_time"] else "")
    ),
    example={"level": "priority", "response_time": "2 hours"},
)

EVENT = BenefitType(
    name="event",
    title="Event",
    description="An invitation to the events of a kind: virtual, regional or private ones. List one benefit for each kind.",
    properties={
        "kind": choice("Which events.", "virtual", "regional", "private"),
        "what": words("What takes place.", "a dinner with the designers"),
    },
    required=("kind",),
    defaults={"what": ""},
    variant="kind",
    sentence=lambda given, _: (
        f"invitations to {given['kind']} events" + (f": {given['what']}" if given["what"] else "")
    ),
    identity=lambda given: f"{given['kind']} {given['what']}",
    example={"kind": "virtual"},
)

ENTITLEMENT = BenefitType(
    name="entitlement",
    title="Entitlement",
    description="Anything that people deliver, in words; other systems can read who is entitled to it.",
    properties={
        "what": words("What the member is entitled to.", "returns within 90 days", "a personal shopper")
    },
    required=("what",),
    sentence=lambda given, _: str(given["what"]),
    identity=lambda given: str(given["what"]),
    example={"what": "returns within 90 days"},
)
