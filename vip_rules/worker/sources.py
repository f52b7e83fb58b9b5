"""Sources: the files that a project was read from. Once one is another, the project is read anew."""

from __future__ import annotations

from pathlib import Path

from vip_rules.project import Project

State = list[tuple[str, int, int]]


class Sources:
    """The configuration, the program, the exchange rates and the templates of an open project, as they are at this moment."""

    def __init__(self, project: Project) -> None:
        config = project.config
        paths = (config.file, config.program, config.rates)
        self._paths = [path for path in paths if path is not None]
        self._templates = Path(config.messages["templates"]) if "templates" in config.messages else None
        self._before = self._state()

    def changed(self) -> bool:
        """Whether a file is another than it was when this was last asked."""
        now = self._state()
        if now is None or now == self._before:
            return False
        self._before = now
        return True

    def _state(self) -> State | None:
        """What tells that files are others; None while one isn't there, as it is while an editor replaces it."""
        try:
            templates = [] if self._templates is None else sorted(self._templates.iterdir())
            found = [(path, path.stat()) for path in (*self._paths, *templates)]
        except OSError:
            return None
        return [(str(path), status.st_mtime_ns, status.st_size) for path, status in found]
