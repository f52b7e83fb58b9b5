"""What an author sees while typing a program: VS Code's own JSON language service, under our schema."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from vip_rules.program.schema import program_schema

FOLDER = Path(__file__).parent
CURSOR = "‸"

needs_service = pytest.mark.skipif(
    os.environ.get("CI") != "true"
    and not (shutil.which("node") and (FOLDER / "node_modules/vscode-json-languageservice").exists()),
    reason="needs Node.js and the packages of tests/editor (make test installs them where npm is)",
)
pytestmark = needs_service


@dataclass(frozen=True)
class View:
    """The editor at the cursor: every problem of the document, the proposals with their texts, the hover."""

    diagnostics: list[str]
    completions: dict[str, str]
    hover: str


def view(document: str) -> View:
    text = document.replace(CURSOR, "")
    request = {"schema": program_schema(), "text": text, "offset": max(document.find(CURSOR), 0)}
    answer = subprocess.run(
        ["node", FOLDER / "service.mjs"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return View(**json.loads(answer.stdout))


def program(qualify: str) -> str:
    """A program whose one tier has the condition that is being typed."""
    return f"""{{"format": 1, "program": "shop", "currency": "USD", "timezone": "UTC",
        "tiers": [{{"id": "vip", "name": "VIP", "qualify": {qualify}}}]}}"""
