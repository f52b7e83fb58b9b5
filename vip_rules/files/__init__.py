"""A store's exported files, read strictly: every row is used, set aside with a count, or rejected with a line and a reason."""

from vip_rules.files.damage import reading_of
from vip_rules.files.export import OnBadRows, read_history
from vip_rules.files.reading import FileReading, IgnoredColumn, Reading, RejectedRows, SetAside
from vip_rules.files.reasons import ReasonCount

__all__ = [
    "FileReading",
    "IgnoredColumn",
    "OnBadRows",
    "Reading",
    "ReasonCount",
    "RejectedRows",
    "SetAside",
    "read_history",
    "reading_of",
]
