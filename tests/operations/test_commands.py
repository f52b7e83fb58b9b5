"""`vip-rules backup` and `restore` as an operator calls them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.test_project_cli import TODAY, Shop
from vip_rules.cli import backup, init, restore
from vip_rules.cli import project as cli_project
from vip_rules.project import Outside


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shop:
    """A project that was made, synced and applied."""
    noon = datetime(2026, 11, 20, 17, tzinfo=UTC)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(init, "today", lambda: TODAY)
    for module in (cli_project, backup, restore):
        monkeypatch.setattr(module, "outside", lambda: Outside(environment={}, clock=lambda: noon))
    found = Shop(tmp_path, capsys)
    for arguments in (["init"], ["sync"], ["apply", "--yes"]):
        found.says(*arguments)
    return found


def lose(shop: Shop) -> None:
    for path in shop.folder.glob("vip-rules.db*"):
        path.unlink()


def test_from_backup_to_resume(shop: Shop) -> None:
    members = shop.data("status")["members"]
    said = shop.says("backup", "monday.db")
    assert "monday.db: " in said
    assert "rows as they were 2026-11-20 17:00:00 UTC, read back and verified" in said
    assert "the chain verifies" in said
    lose(shop)
    said = shop.says("restore", "monday.db", "--by", "ada")
    assert "paused" in said
    assert "Repeat by hand: first of all every vip-rules redact" in said
    status = shop.data("status", "--verify")
    assert status["members"] == members
    assert status["ledger"]["verified"] is True
    assert status["paused"]["by"] == "ada"
    assert "restored from a backup of 2026-11-20 17:00 UTC" in shop.refuses("apply", "--yes")
    shop.says("sync")
    shop.says("resume")
    shop.says("apply", "--yes")
    assert shop.ledger("restored")[0]["made_at"] == "2026-11-20T17:00:00+00:00"


def test_both_tell_programs_the_same(shop: Shop) -> None:
    made = shop.data("backup", "monday.db")
    assert made["file"] == "monday.db"
    assert made["bytes"] == (shop.folder / "monday.db").stat().st_size
    assert [(each["entries"] > 0, each["breaks"]) for each in made["shops"]] == [(True, [])]
    lose(shop)
    done = shop.data("restore", "monday.db")
    assert done["restored"] == "monday.db"
    assert done["backup"] == {name: made[name] for name in done["backup"]}


def test_a_broken_ledger_is_an_error_though_the_backup_is_made(shop: Shop) -> None:
    shop.sql("UPDATE ledger SET day = day + 1 WHERE seq = 1")
    code, out, _ = shop.call("backup", "monday.db")
    assert code == 1
    assert "THE CHAIN DOESN'T VERIFY" in out
    assert "entry 1 doesn't follow from the entry before" in out
    lose(shop)
    code, out, _ = shop.call("restore", "monday.db", "--json")
    assert code == 1
    assert json.loads(out)["backup"]["shops"][0]["breaks"]


def test_nothing_is_needed_but_the_database(shop: Shop) -> None:
    (shop.folder / "program.json").write_text("{")
    shop.says("backup", "monday.db")
    lose(shop)
    shop.says("restore", "monday.db")


def test_what_is_refused_says_what_to_do(shop: Shop) -> None:
    shop.says("backup", "monday.db")
    assert "--overwrite" in shop.refuses("backup", "monday.db", code=2)
    assert "is the database itself" in shop.refuses("backup", "vip-rules.db", "--overwrite", code=2)
    assert "move it away, or name a new one" in shop.refuses("restore", "monday.db")
    assert "is no backup of vip-rules" in shop.refuses("restore", "vip-rules.db")
    lose(shop)
    assert "there is no file tuesday.db" in shop.refuses("restore", "tuesday.db")
    assert not list(shop.folder.glob("vip-rules.db")), "the file is looked at first"


def test_a_backup_is_a_database_like_any_other(shop: Shop) -> None:
    shop.says("backup", "monday.db")
    with closing(sqlite3.connect(shop.folder / "monday.db")) as connection:
        assert connection.execute("SELECT count(*) FROM ledger").fetchone()[0] > 0
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
