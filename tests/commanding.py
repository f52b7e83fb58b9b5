"""Commands as a person calls them, on a project in a folder."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from vip_rules.cli.main import main


@dataclass
class Commanding:
    """A project in a folder; each call is a command there."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def call(self, *arguments: str) -> tuple[int, str, str]:
        self.capsys.readouterr()
        with pytest.raises(SystemExit) as done:
            main([*arguments, "--config", str(self.folder / "vip-rules.toml")])
        out, err = self.capsys.readouterr()
        return int(done.value.code or 0), out, err

    def says(self, *arguments: str) -> str:
        code, out, err = self.call(*arguments)
        assert code == 0, err
        return out

    def data(self, *arguments: str) -> Any:
        return json.loads(self.says(*arguments, "--json"))

    def refuses(self, *arguments: str, code: int = 1) -> str:
        found, out, err = self.call(*arguments)
        assert found == code, out + err
        return err
