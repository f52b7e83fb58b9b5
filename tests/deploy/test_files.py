"""The units and the container file: well-formed, hardened, and without secrets."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted(path for path in DEPLOY.iterdir() if path.suffix in (".service", ".timer"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]

SHUT = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "RestrictSUIDSGID": "yes",
    "User": "vip-rules",
    "UMask": "0077",
}

EXPOSED = 20
"""The exposure that systemd may find, in tenths, of 100."""


def settings(unit: Path) -> dict[str, str]:
    lines = unit.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.name)
def test_a_service_is_shut_in(unit: Path) -> None:
    assert SHUT.items() <= settings(unit).items()


def test_the_services_are_hardened_alike() -> None:
    blocks = {
        re.findall(
            r"^# It needs its folder.*?(?=\n\n|\Z)", unit.read_text("utf-8").strip(), re.DOTALL | re.MULTILINE
        )[0]
        for unit in SERVICES
    }
    assert len(blocks) == 1


def test_the_service_has_its_secrets_as_credentials() -> None:
    text = (DEPLOY / "vip-rules.service").read_text("utf-8")
    loaded = set(re.findall(r"^LoadCredential=([\w-]+):", text, re.MULTILINE))
    named = dict(re.findall(r"^Environment=(VIP_RULES_\w+_FILE)=%d/([\w-]+)$", text, re.MULTILINE))
    assert named == {"VIP_RULES_SERVER_TOKEN_FILE": "api-token", "VIP_RULES_SERVER_LINKS_FILE": "links"}
    assert loaded == set(named.values())


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    for unit in UNITS:
        # It looks whether what is started is there.
        text = unit.read_text("utf-8").replace("/opt/vip-rules/bin/vip-rules", shutil.which("true") or "")
        (tmp_path / unit.name).write_text(text, "utf-8")
    environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"}
    files = [str(tmp_path / unit.name) for unit in UNITS]
    verified = subprocess.run(
        ["systemd-analyze", "verify", *files], env=environment, capture_output=True, text=True
    )
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")
    for unit in SERVICES:
        arguments = ["security", "--offline=true", f"--threshold={EXPOSED}", str(tmp_path / unit.name)]
        shut = subprocess.run(["systemd-analyze", "--no-pager", *arguments], capture_output=True, text=True)
        assert shut.returncode == 0, shut.stdout


def test_the_container_runs_as_nobody_special_and_asks_whether_it_lives() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    last = text[text.rindex("\nFROM") :]
    assert re.search(r"^USER [1-9]\d+$", last, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK .*\n.*/livez", last, re.MULTILINE)
    assert not re.search(r"(?i)(token|secret|password)\w*=", text)


def test_the_container_takes_only_what_is_there() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    copied = [line.split()[1:-1] for line in re.findall(r"^COPY (?!--from).*$", text, re.MULTILINE)]
    named = [name for names in copied for name in names] + re.findall(r"\./plugins/\S+", text)
    assert len(named) > 5
    assert not [name for name in named if not (DEPLOY.parent / name).exists()]
