"""Sources: the files that a project was read from. Once one is another, the project is read anew."""

from __future__ import annotations

from pathlib import Path

from vip_rules.project import Project

State = list[tuple[int, int]]


class Sources:
    """The configuration, the program and the exchange rates of an open project, as they are at this moment."""

    def __init__(self, project: Project) -> None:
        config = project.config
        paths = (config.file, config.program, config.rates)
        self._paths = [path for path in paths if path is not None]
        self._before = _state(self._paths)

    def changed(self) -> bool:
        """Whether a file is another than it was when this was last asked."""
        now = _state(self._paths)
        if now is None or now == self._before:
            return False
        self._before = now
        return True


def _state(paths: list[Path]) -> State | None:
    """What tells that files are others; None while one isn't there, as it is while an editor replaces it."""
    try:
        found = [path.stat() for path in paths]
    except OSError:
        return None
    return [(status.st_mtime_ns, status.st_size) for status in found]
