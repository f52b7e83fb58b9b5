"""Golden cases: which days a window has."""

from collections.abc import Mapping

from tests.specification.golden.case import Case, case, customer, order


def counted(rule: str, window: str, placed: str, days: Mapping[str, bool], joined: str | None = None) -> Case:
    """A case of one order that is in a window as of some days, and isn't as of others."""
    found = {day: {f"orders[{window}]": int(inside)} for day, inside in days.items()}
    return case(rule, customer("ann", joined=joined), order(placed), days=found)


CASES = (
    counted(
        "an order of 2025-11-21 counts through 2026-11-20 for 12 months",
        "12 months",
        "2025-11-21",
        {"2025-11-20": False, "2025-11-21": True, "2026-11-20": True, "2026-11-21": False},
    ),
    counted(
        "a year is 12 months",
        "1 year",
        "2025-11-21",
        {"2025-11-20": False, "2025-11-21": True, "2026-11-20": True, "2026-11-21": False},
    ),
    counted(
        "30 days are the day itself and the 29 before it",
        "30 days",
        "2026-03-01",
        {"2026-02-28": False, "2026-03-01": True, "2026-03-30": True, "2026-03-31": False},
    ),
    counted(
        "1 day is the day itself",
        "1 day",
        "2026-03-01",
        {"2026-02-28": False, "2026-03-01": True, "2026-03-02": False},
    ),
    counted("2 weeks are 14 days", "2 weeks", "2026-03-01", {"2026-03-14": True, "2026-03-15": False}),
    counted(
        "months are clamped to the month's end: 1 month on 31 March is the days after 28 February",
        "1 month",
        "2026-02-28",
        {"2026-03-27": True, "2026-03-28": False, "2026-03-31": False},
    ),
    counted(
        "months are clamped to the month's end: 1 March counts through 31 March",
        "1 month",
        "2026-03-01",
        {"2026-03-31": True, "2026-04-01": False},
    ),
    counted(
        "months are clamped to 29 February in a leap year",
        "1 month",
        "2024-02-29",
        {"2024-03-28": True, "2024-03-29": False, "2024-03-31": False},
    ),
    counted(
        "12 months on 29 February are the days after 28 February of the year before",
        "12 months",
        "2023-03-01",
        {"2024-02-28": True, "2024-02-29": True, "2024-03-01": False},
    ),
    counted(
        "12 months on 29 February: 28 February of the year before is over",
        "12 months",
        "2023-02-28",
        {"2024-02-27": True, "2024-02-28": False, "2024-02-29": False},
    ),
    counted(
        "an order of 29 February counts through 28 February of the next year for 12 months",
        "12 months",
        "2024-02-29",
        {"2025-02-28": True, "2025-03-01": False},
    ),
    counted(
        "4 years after 29 February is 29 February",
        "4 years",
        "2020-02-29",
        {"2024-02-28": True, "2024-02-29": False},
    ),
    counted(
        "months go over the year's end",
        "3 months",
        "2025-11-16",
        {"2026-02-15": True, "2026-02-16": False},
    ),
    counted(
        "a calendar year begins on 1 January",
        "calendar year",
        "2026-01-01",
        {"2025-12-31": False, "2026-01-01": True, "2026-12-31": True, "2027-01-01": False},
    ),
    counted(
        "a calendar year ends on 31 December",
        "calendar year",
        "2025-12-31",
        {"2025-12-31": True, "2026-01-01": False},
    ),
    counted(
        "the previous calendar year begins on 1 January",
        "previous calendar year",
        "2025-01-01",
        {"2025-12-31": False, "2026-01-01": True, "2026-12-31": True, "2027-01-01": False},
    ),
    counted(
        "the previous calendar year ends on 31 December",
        "previous calendar year",
        "2025-12-31",
        {"2025-12-31": False, "2026-01-01": True, "2026-12-31": True, "2027-01-01": False},
    ),
    counted(
        "this year isn't in the previous calendar year",
        "previous calendar year",
        "2026-01-01",
        {"2026-01-01": False, "2026-12-31": False, "2027-01-01": True},
    ),
    counted(
        "a calendar quarter begins with its first month",
        "calendar quarter",
        "2026-04-01",
        {"2026-03-31": False, "2026-04-01": True, "2026-06-30": True, "2026-07-01": False},
    ),
    counted(
        "a calendar quarter ends with its third month",
        "calendar quarter",
        "2025-12-31",
        {"2025-12-31": True, "2026-01-01": False},
    ),
    counted(
        "a membership year begins on the anniversary of joining",
        "membership year",
        "2026-06-15",
        {"2026-06-15": True, "2027-06-14": True, "2027-06-15": False},
        joined="2020-06-15",
    ),
    counted(
        "a membership year ends on the day before the anniversary",
        "membership year",
        "2026-06-14",
        {"2026-06-14": True, "2026-06-15": False},
        joined="2020-06-15",
    ),
    counted(
        "the first membership year begins on the day of joining",
        "membership year",
        "2026-06-14",
        {"2026-06-14": False, "2026-06-15": False, "2027-06-14": False},
        joined="2026-06-15",
    ),
    counted(
        "joining on the day of the order",
        "membership year",
        "2026-06-15",
        {"2026-06-14": False, "2026-06-15": True, "2027-06-14": True, "2027-06-15": False},
        joined="2026-06-15",
    ),
    counted(
        "who joined on 29 February has the anniversary on the 28th in common years",
        "membership year",
        "2025-02-27",
        {"2025-02-27": True, "2025-02-28": False},
        joined="2024-02-29",
    ),
    counted(
        "who joined on 29 February has the anniversary on the 29th in leap years",
        "membership year",
        "2028-02-28",
        {"2028-02-28": True, "2028-02-29": False},
        joined="2024-02-29",
    ),
    counted(
        "before somebody joins, their membership year has no day",
        "membership year",
        "2026-06-01",
        {"2026-06-01": False, "2026-06-30": False, "2027-06-30": False},
        joined="2026-07-01",
    ),
    case(
        "who never joined has been a member since they were created",
        customer("ann", created="2020-06-15"),
        order("2025-06-15"),
        days={
            "2026-06-14": {"orders[membership year]": 1, "member_days": 2190},
            "2026-06-15": {"orders[membership year]": 0, "member_days": 2191},
        },
    ),
    case(
        "everybody has their own membership year, also in the population",
        customer("ann", joined="2020-01-01"),
        customer("bob", joined="2020-05-01"),
        customer("cleo", joined="2020-06-01"),
        order("2026-05-15", 300, of="ann"),
        order("2026-05-15", 200, of="bob"),
        order("2026-05-15", 100, of="cleo"),
        everybody={
            "ann": {"spend[membership year]": 300, "spend_percentile[membership year]": 5000},
            "bob": {"spend[membership year]": 200, "spend_percentile[membership year]": 0},
            "cleo": {"spend[membership year]": 0, "spend_percentile[membership year]": None},
        },
    ),
    case(
        "a lifetime has no beginning, and is what is meant without a window",
        order("1970-01-01"),
        order("1969-12-31"),
        days={
            "1969-12-30": {"orders": 0},
            "1969-12-31": {"orders": 1},
            "1970-01-01": {"orders": 2},
            "2026-06-30": {"orders": 2},
        },
    ),
)
