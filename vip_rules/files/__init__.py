"""A store's exported files, read strictly: every row is used, set aside with a count, or rejected with a line and a reason."""

from vip_rules.files.export import OnBadRows, read_history
from vip_rules.files.reading import FileReading, IgnoredColumn, Reading, SetAside

__all__ = ["FileReading", "IgnoredColumn", "OnBadRows", "Reading", "SetAside", "read_history"]
