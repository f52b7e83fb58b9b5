"""The commands of a project as a newcomer calls them, over several days, in a folder that init made."""

import json
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from vip_rules.cli import init
from vip_rules.cli import outbox as cli_outbox
from vip_rules.cli import project as cli_project
from vip_rules.cli.main import main
from vip_rules.ledger import entries_of
from vip_rules.operations import interventions
from vip_rules.operations.account import standing_by
from vip_rules.project import Outside
from vip_rules.standings import read_standings

TODAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)


@dataclass
class Shop:
    """A project in a folder; each call is a command there."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def call(self, *arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as done:
            main(list(arguments))
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

    def sql(self, query: str, *values: Any) -> list[Any]:
        with sqlite3.connect(self.folder / "vip-rules.db") as connection:
            return connection.execute(query, values).fetchall()

    def ledger(self, kind: str) -> list[Any]:
        rows = self.sql("SELECT payload FROM ledger WHERE kind = ? ORDER BY seq", kind)
        return [json.loads(payload)["says"] for (payload,) in rows]

    def order(self, customer: str, day: str, total: str, name: str = "new") -> None:
        with (self.folder / "store" / "orders.csv").open("a", encoding="utf-8") as file:
            file.write(f"{name},{customer},{day},{total},0.00,0.00,,paid,online\n")
        self.says("sync")

    def apply(self, day: str) -> Any:
        return self.data("apply", "--yes", "--as-of", day)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a project that was made, synced and applied today."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as monkeypatch:
        _today(monkeypatch, folder)
        for arguments in (["init"], ["sync"], ["apply", "--yes"]):
            with pytest.raises(SystemExit) as done:
                main(arguments)
            assert done.value.code in (0, None)
    return folder


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shop:
    """A folder without anything."""
    _today(monkeypatch, tmp_path)
    return Shop(tmp_path, capsys)


@pytest.fixture
def shop(empty: Shop, made: Path) -> Shop:
    """A project that was synced and applied today."""
    shutil.copytree(made, empty.folder, dirs_exist_ok=True)
    empty.capsys.readouterr()
    return empty


@pytest.fixture
def new(shop: Shop) -> Shop:
    """A project that was just made."""
    for path in (*shop.folder.glob("vip-rules.db*"), *shop.folder.glob("out/*")):
        path.unlink()
    return shop


def _today(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Work in a folder, on the day on which the example store was made."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(init, "today", lambda: TODAY)
    monkeypatch.setattr(cli_project, "outside", lambda: Outside(environment={}, clock=lambda: NOON))


# init


def test_what_init_makes_is_sound_and_works_at_once(new: Shop) -> None:
    assert "valid (3 tiers" in new.says("validate", "program.json")
    assert "5 of 5 cases" in new.says("test", "program.json")
    assert new.data("sync")["customers"]["new"] == 6
    groups = new.data("plan")["summary"]["by_group"]
    assert groups["+ enrolment to Gold VIP"] == 2
    for schema in ("program.schema.json", "cases.schema.json"):
        assert json.loads((new.folder / schema).read_text("utf-8"))["$schema"]


def test_init_makes_a_folder_whose_example_orders_are_recent(
    empty: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(init, "today", lambda: date(2027, 11, 20))
    assert "cd mine/shop" in empty.says("init", "mine/shop")
    orders = (empty.folder / "mine" / "shop" / "store" / "orders.csv").read_text("utf-8")
    assert "1023,amara,2027-11-15," in orders


def test_init_overwrites_nothing(new: Shop) -> None:
    program = new.folder / "program.json"
    program.write_text("mine", "utf-8")
    (new.folder / "vip-rules.toml").unlink()
    assert "program.json" in new.refuses("init")
    assert program.read_text("utf-8") == "mine"
    assert not (new.folder / "vip-rules.toml").exists()


def test_commands_without_a_project_say_how_to_begin(empty: Shop) -> None:
    for command in (("status",), ("explain", "bruno"), ("pause",), ("outbox", "list")):
        assert "vip-rules init makes a project" in empty.refuses(*command)


# explain


def test_explain_tells_why_this_tier_what_is_missing_and_until_when(shop: Shop) -> None:
    said = shop.says("explain", "bruno")
    for line in (
        "Customer bruno on 20 November 2026: Silver VIP",
        # Regular for 60 days after 28 October, then in grace from 28 December on for three months.
        "Silver VIP lasts until 28 March 2027; without further orders no tier from the day after",
        '✓ "loyal regular"',
        "spend in the last 12 months: at least 5,000.00 USD needed, 1,300.00 USD now; 3,700.00 USD more",
        "10 % discount",
        "13 orders count, 1,300.00 USD",
        "2026-11-20  enrolment to Silver VIP: qualifies for Silver VIP",
        "customer:bruno: tags vip-no-cart-reminders, vip-silver",
    ):
        assert line in said, said
    assert "not applied yet" not in said


def test_explain_gives_the_same_as_data(shop: Shop) -> None:
    found = shop.data("explain", "bruno")
    assert (found["tier"], found["status"], found["next_tier"]) == ("silver", "member", "gold")
    assert found["ahead"]["day"] == "2027-03-29"
    assert found["missing"][0]["gap"] == "3700.00"
    assert found["evaluation"]["tiers"][0]["held"] is True
    assert found["pending"] == []
    assert found["history"][0]["kind"] == "standing"
    assert found["effects"]["customer:bruno"]["tags"] == ["vip-no-cart-reminders", "vip-silver"]


def test_a_refunded_order_is_shown_as_none(shop: Shop) -> None:
    said = shop.says("explain", "chen")
    assert "1 order counts, 1,800.00 USD; 900.00 USD refunded" in said
    assert "0.00 USD, 900.00 USD refunded: no order any more" in said


def test_explain_says_what_isnt_applied_yet(shop: Shop) -> None:
    assert "not applied yet" not in shop.says("explain", "bruno")
    shop.order("bruno", "2026-11-19", "9000.00")
    said = shop.says("explain", "bruno", "--as-of", "2026-11-21")
    assert "Customer bruno on 21 November 2026: Silver VIP" in said
    assert "3 changes not applied yet" in said
    assert (
        "~ promotion to Platinum VIP: qualifies for Platinum VIP: spend in the last 12 months: 10,300.00 USD"
        in said
    )
    shop.apply("2026-11-21")
    assert "Customer bruno on 21 November 2026: Platinum VIP" in shop.says("explain", "bruno")


def test_before_anything_is_applied_explain_tells_what_would_be(new: Shop) -> None:
    new.says("sync")
    said = new.says("explain", "finn")
    assert "nothing was applied yet" in said
    assert "+ enrolment to Gold VIP" in said


def test_explain_of_an_earlier_day_tells_what_was_decided_then_beside_todays_data(shop: Shop) -> None:
    # Finn's one order counts through 2 December 2026.
    shop.apply("2026-12-02")
    assert shop.apply("2026-12-03")["standings"] == 1
    now = shop.says("explain", "finn")
    assert "Customer finn on 3 December 2026: Gold VIP (grace)" in now
    assert "grace until 3 March 2027" in now
    shop.order("finn", "2026-12-01", "700.00")
    then = shop.says("explain", "finn", "--as-of", "2026-12-02")
    assert "Customer finn on 2 December 2026: Gold VIP\n" in then
    assert "That day by today's data" in then
    assert "spend in the last 12 months: 5,700.00 USD (at least 10,000.00 USD)" in then
    assert "grace" not in then
    assert shop.data("explain", "finn", "--as-of", "2026-12-02")["pending"] is None


def test_the_ledger_leads_to_the_standings_that_are_stored(shop: Shop) -> None:
    shop.says("pin", "chen", "--tier", "gold", "--until", "2026-12-31", "--reason", "press")
    shop.apply("2026-12-03")
    shop.says("pin", "dora", "--tier", "platinum", "--reason", "friend")
    shop.order("amara", "2026-12-05", "1500.00")
    shop.apply("2026-12-06")
    shop.says("unpin", "dora")
    shop.apply("2027-03-10")
    with cli_project.opened(Path("vip-rules.toml")) as project, project.database.reading() as connection:
        stored = read_standings(connection, project.shop, project.program, 0)
        assert {customer for customer, each in stored.items() if each.standing.tier} > {"dora", "amara"}
        for customer, each in stored.items():
            entries = entries_of(connection, project.shop, customer)
            assert standing_by(project.program, entries) == each.standing


def test_who_isnt_there_gets_an_answer(shop: Shop) -> None:
    assert "did you mean 'bruno'?" in shop.refuses("explain", "BRUNO ")
    assert "did you mean 'bruno'?" in shop.refuses("explain", "brunno")
    assert shop.refuses("explain", "nobody-like-this").endswith("vip-rules sync brings new ones in\n")
    shop.sql("UPDATE customers SET gone = 1 WHERE id = 'finn'")
    assert "finn is no longer in the store" in shop.refuses("explain", "finn")
    shop.sql("UPDATE customers SET gone = 1, merged_into = 'dora' WHERE id = 'elif'")
    assert "elif was merged into dora" in shop.refuses("explain", "elif")


@pytest.mark.slow
def test_explain_loads_nothing_that_it_has_no_use_for(shop: Shop) -> None:
    script = (
        "import sys; from vip_rules.cli.main import main\n"
        "try: main(['explain', 'bruno'])\nfinally: print(sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "Silver VIP" in done.stdout
    for heavy in ("alembic", "requests", "adbc_driver_manager", "duckdb"):
        assert f"'{heavy}'" not in done.stdout


# pin and unpin


def test_a_pin_counts_from_the_next_apply_until_it_ends(shop: Shop) -> None:
    said = shop.says(
        "pin", "chen", "--tier", "gold", "--until", "2026-11-30", "--reason", "press", "--by", "ada"
    )
    assert "pinned to Gold VIP until 30 November 2026" in said
    assert "Customer chen on 20 November 2026: Gold VIP (pinned)" in shop.says("explain", "chen")
    assert shop.data("plan")["summary"]["by_group"]["+ tags and fields of Gold VIP"] == 1
    shop.says("apply", "--yes")
    explained = shop.says("explain", "chen")
    assert "pinned to Gold VIP until 30 November 2026, by ada: press" in explained
    assert "customer:chen: tags vip-gold" in explained
    # Evaluated again on the same day, it is still there, and nothing is left to do.
    assert shop.data("plan")["changes"] == []
    shop.apply("2026-12-01")
    assert shop.data("explain", "chen")["tier"] is None
    assert shop.data("explain", "chen", "--as-of", "2026-11-30")["tier"] == "gold"
    assert shop.data("explain", "chen")["effects"] == {}
    assert [each["by"] for each in shop.ledger("pin")] == ["ada"]


def test_unpinning_brings_the_own_tier_back(shop: Shop) -> None:
    shop.says("pin", "finn", "--tier", "none", "--reason", "fraud")
    shop.says("apply", "--yes")
    assert shop.data("explain", "finn")["effects"] == {}
    assert "no longer pinned to no tier (fraud)" in shop.says("unpin", "finn", "--reason", "cleared")
    shop.says("apply", "--yes")
    assert shop.data("explain", "finn")["effects"]["customer:finn"]["tags"] == [
        "vip-gold",
        "vip-no-cart-reminders",
    ]
    assert "no pin: nothing to do" in shop.says("unpin", "finn")
    (entry,) = shop.ledger("unpin")
    assert (entry["reason"], entry["before"]["reason"]) == ("cleared", "fraud")


def test_above_a_floor_the_own_tier_counts(shop: Shop) -> None:
    for customer in ("elif", "bruno"):
        shop.says("pin", customer, "--tier", "gold", "--floor", "--reason", "friend")
    assert shop.data("explain", "elif")["tier"] == "platinum"
    assert shop.data("explain", "bruno")["tier"] == "gold"


def test_a_pin_before_the_first_apply_outlives_the_enrolment(new: Shop) -> None:
    new.says("sync")
    new.says("pin", "chen", "--tier", "silver", "--reason", "founder")
    new.says("apply", "--yes")
    assert new.data("explain", "chen")["effects"]["customer:chen"]["tags"] == [
        "vip-no-cart-reminders",
        "vip-silver",
    ]


def test_a_pin_voids_the_notices_of_its_customer_for_good(shop: Shop) -> None:
    shop.apply("2027-01-10")
    assert shop.data("explain", "finn")["standing"]["notices"]
    shop.says("pin", "finn", "--tier", "gold", "--reason", "friend")
    shop.apply("2027-01-10")
    assert "notices" not in shop.data("explain", "finn")["standing"]


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("chen", "--tier", "glod", "--reason", "x"), "did you mean gold?", 1),
        (("chen", "--tier", "xx", "--reason", "x"), "expected silver, gold, platinum or none", 1),
        (("chne", "--tier", "gold", "--reason", "x"), "did you mean 'chen'?", 1),
        (
            ("chen", "--tier", "gold", "--until", "2026-11-19", "--reason", "x"),
            "name today or a later day",
            1,
        ),
        (("chen", "--tier", "gold", "--until", "tomorrow", "--reason", "x"), "expected a day such as", 2),
        (("chen", "--tier", "gold"), "--reason", 2),
    ],
)
def test_a_pin_that_cant_be_is_refused(shop: Shop, arguments: tuple[str, ...], said: str, code: int) -> None:
    assert said in shop.refuses("pin", *arguments, code=code)
    assert shop.ledger("pin") == []


# doctor


def test_the_doctor_finds_a_new_shop_well(shop: Shop) -> None:
    said = shop.says("doctor")
    assert said.endswith("All is well.\n"), said
    assert {each["state"] for each in shop.data("doctor")["findings"]} == {"good"}


def test_the_doctor_says_what_is_amiss_and_what_to_do(shop: Shop) -> None:
    refused(shop)
    shop.says("pause")
    shop.sql("UPDATE cursors SET value = '2026-11-01T08:00:00+00:00' WHERE name = 'synced'")
    found = {each["subject"]: each for each in shop.data("doctor")["findings"] if each["state"] != "good"}
    assert set(found) == {"outbox", "pause", "mirror"}
    assert all(each["remedy"] for each in found.values())
    assert "1 refused" in found["outbox"]["says"]


def test_the_doctor_fails_where_the_ledger_was_changed(shop: Shop) -> None:
    shop.sql("UPDATE ledger SET payload = replace(payload, 'silver', 'gold') WHERE kind = 'applied'")
    code, said, _ = shop.call("doctor")
    assert (code, "1 bad" in said) == (1, True)


def test_nothing_is_repaired_while_the_shop_is_paused(shop: Shop) -> None:
    shop.says("pause", "--reason", "stock-taking")
    assert "stock-taking" in shop.refuses("doctor", "--repair")


def test_nothing_is_repaired_where_the_store_needs_nothing(shop: Shop) -> None:
    assert shop.data("doctor", "--repair")["repaired"] == []


# status


def test_status_tells_how_the_shop_stands(shop: Shop) -> None:
    found = shop.data("status", "--verify", "--drift")
    assert (found["shop"], found["last_applied"], found["paused"]) == ("my-shop", "2026-11-20", None)
    assert found["members"] == {"silver": {"member": 1}, "gold": {"member": 2}, "platinum": {"member": 1}}
    assert found["mirror"]["customers"] == 6
    assert found["outbox"] == {"confirmed": 17}
    assert found["ledger"]["verified"] is True
    assert (found["drift"]["looked"], found["drift"]["differences"]) == (17, [])
    said = shop.says("status", "--verify")
    assert "the chain verifies" in said
    assert len(said.splitlines()) < 24


def test_status_counts_members_by_what_is_shown_of_them(shop: Shop) -> None:
    shop.says("pin", "chen", "--tier", "gold", "--reason", "press")
    shop.apply("2026-12-03")
    assert shop.data("status")["members"]["gold"] == {"pinned": 1, "grace": 1, "member": 1}
    # Two thirds of finn's grace are over: notice is due.
    shop.apply("2027-01-10")
    assert "2027-03-04" in shop.data("status")["demotions_ahead"]
    assert "Notice of a demotion was given to" in shop.says("status")


def test_before_the_first_sync_status_says_what_to_do(new: Shop) -> None:
    said = new.says("status")
    assert "Never synced: vip-rules sync" in said
    assert "Nothing was applied yet" in said


def test_status_says_that_the_program_was_changed(shop: Shop) -> None:
    program = shop.folder / "program.json"
    program.write_text(program.read_text("utf-8").replace("2000}", "1999}"), "utf-8")
    assert "another than the one last applied" in shop.says("status")
    assert shop.data("status")["program"]["changed"] is True


def test_status_says_who_has_changed_since(shop: Shop) -> None:
    shop.order("bruno", "2026-11-19", "10.00")
    assert shop.data("status")["mirror"]["dirty"] == 1
    shop.says("apply", "--yes")
    assert shop.data("status")["mirror"]["dirty"] == 0


def test_drift_is_told_and_nothing_is_overwritten(shop: Shop) -> None:
    file = shop.folder / "out" / "customer.jsonl"
    changed = file.read_text("utf-8").replace("vip-silver", "vip-bronze")
    file.write_text(changed, "utf-8")
    assert "customer:bruno: tags is vip-no-cart-reminders, vip-bronze instead of" in shop.says(
        "status", "--drift"
    )
    (difference,) = shop.data("status", "--drift")["drift"]["differences"]
    assert (difference["key"], difference["found"]["tags"]) == (
        "customer:bruno",
        ["vip-no-cart-reminders", "vip-bronze"],
    )
    assert file.read_text("utf-8") == changed


def test_a_ledger_that_somebody_changed_doesnt_verify(shop: Shop) -> None:
    shop.sql("UPDATE ledger SET payload = replace(payload, 'gold', 'silver') WHERE seq = 2")
    code, said, _ = shop.call("status", "--verify")
    assert code == 1
    assert "entry 2 says something else than it did" in said


# outbox


def refused(shop: Shop, key: str = "customer:bruno", state: str = "refused") -> str:
    shop.sql("UPDATE outbox SET state = ?, reason = 'no', attempts = 1 WHERE key = ?", state, key)
    shop.sql("DELETE FROM effects WHERE key = ?", key)
    return key


def state_of(shop: Shop, key: str) -> str | None:
    return next((state for (state,) in shop.sql("SELECT state FROM outbox WHERE key = ?", key)), None)


def test_the_outbox_knows_all_states() -> None:
    assert cli_outbox.STATES == interventions.STATES


def test_the_outbox_lists_what_waits(shop: Shop) -> None:
    assert "Nothing waits" in shop.says("outbox", "list")
    key = refused(shop)
    assert key in shop.says("outbox", "list")
    (found,) = shop.data("outbox", "list", "--customer", "bruno")
    assert (found["key"], found["state"], found["reason"]) == (key, "refused", "no")
    assert len(shop.data("outbox", "list", "--state", "confirmed")) == 16
    assert "The outbox has none" in shop.says("outbox", "list", "--state", "parked")


def test_what_was_refused_is_sent_again_with_the_next_apply(shop: Shop) -> None:
    key = refused(shop)
    assert "1 effect planned again" in shop.says("outbox", "retry", "--all-refused")
    assert state_of(shop, key) == "planned"
    assert shop.data("apply", "--yes")["delivered"]["counts"] == {"confirmed": 1}
    (entry,) = shop.ledger("retry")
    assert (entry["was"], entry["was_because"]) == ("refused", "no")


def test_what_may_have_been_done_is_sent_again_only_on_demand(shop: Shop) -> None:
    # Bruno's birthday is on 25 November.
    shop.apply("2026-11-25")
    key = refused(shop, "birthday:2026:bruno", "parked")
    assert "--even-if-done" in shop.refuses("outbox", "retry", key)
    assert state_of(shop, key) == "parked"
    shop.says("outbox", "retry", key, "--even-if-done")
    assert state_of(shop, key) == "planned"


def test_what_was_changed_by_hand_is_put_again_if_a_person_says_so(shop: Shop) -> None:
    file = shop.folder / "out" / "customer.jsonl"
    file.write_text(file.read_text("utf-8").replace("vip-silver", "vip-bronze"), "utf-8")
    assert "1 effect planned again" in shop.says("outbox", "retry", "--drifted")
    said = shop.says("apply", "--yes")
    assert "customer:bruno: was changed in the store by hand" in said
    assert shop.data("status", "--drift")["drift"]["differences"] == []


def test_what_is_planned_needs_no_retry(shop: Shop) -> None:
    key = refused(shop, state="planned")
    assert "the next apply sends it" in shop.refuses("outbox", "retry", key)
    assert shop.data("apply", "--yes")["delivered"]["counts"] == {"confirmed": 1}


def test_what_is_parked_isnt_sent_and_a_person_can_confirm_it(shop: Shop) -> None:
    key = refused(shop, state="planned")
    shop.says("outbox", "park", key, "--reason", "look first")
    assert shop.data("apply", "--yes")["delivered"]["counts"] == {}
    assert "look first" in shop.says("outbox", "list")
    shop.says("outbox", "confirm", key, "--reference", "T-1", "--by", "ada")
    assert state_of(shop, key) == "confirmed"
    # The store is known to hold it now: nothing is left to plan.
    assert shop.data("plan")["changes"] == []
    (entry,) = [each for each in shop.ledger("confirmed") if each.get("by_hand")]
    assert (entry["by"], entry["reference"], entry["was"]) == ("ada", "T-1", "parked")


def test_a_state_that_is_given_up_is_planned_anew(shop: Shop) -> None:
    key = refused(shop)
    assert "the next plan asks for it anew" in shop.says("outbox", "drop", key, "--reason", "old")
    assert state_of(shop, key) is None
    assert [change["key"] for change in shop.data("plan")["changes"]] == [key]


def test_a_credit_that_is_given_up_is_never_given_again(shop: Shop) -> None:
    # Bruno's birthday is on 25 November.
    shop.apply("2026-11-25")
    key = refused(shop, "birthday:2026:bruno", "parked")
    assert "never given again" in shop.says("outbox", "drop", key, "--reason", "paid in cash")
    assert state_of(shop, key) == "withdrawn"
    assert shop.data("plan", "--as-of", "2026-11-25")["changes"] == []
    assert "2026-11-25  25.00 USD (birthday): withdrawn" in shop.says("explain", "bruno")


def test_of_several_intents_all_are_changed_or_none(shop: Shop) -> None:
    key = refused(shop)
    assert "did you mean customer:bruno?" in shop.refuses("outbox", "retry", key, "customer:brunno")
    assert state_of(shop, key) == "refused"
    assert "--all-refused" in shop.refuses("outbox", "retry", code=2)


# pause and resume


def test_while_paused_nothing_is_applied(shop: Shop) -> None:
    shop.order("bruno", "2026-11-19", "9000.00")
    assert "Paused" in shop.says("pause", "--reason", "stocktaking", "--by", "ada")
    assert "Paused already, by ada (stocktaking)" in shop.says("pause", "--by", "bob")
    assert "! Paused by ada (stocktaking)" in shop.says("status")
    assert "vip-rules resume goes on" in shop.refuses("apply", "--yes")
    assert shop.data("plan")["changes"]
    assert "it was paused by ada" in shop.says("resume")
    assert "Not paused" in shop.says("resume")
    assert shop.data("apply", "--yes")["standings"] == 1
    assert [len(shop.ledger(kind)) for kind in ("pause", "resume")] == [1, 1]


# redact


def test_nothing_of_a_redacted_customer_is_left_in_the_database(new: Shop) -> None:
    canary = "kanarienvogel-7"
    customers = new.folder / "store" / "customers.csv"
    customers.write_text(customers.read_text("utf-8") + f"{canary},2025-01-01,11-25\n", "utf-8")
    new.order(canary, "2026-11-01", "6000.00")
    new.apply("2026-11-20")
    new.apply("2026-11-25")
    new.says("pin", canary, "--tier", "silver", "--reason", f"{canary} asked")
    assert canary.encode() in database(new)
    assert "Erased" in new.says("redact", canary, "--yes", "--by", "ada")
    assert canary.encode() not in database(new)
    assert "was redacted" in new.refuses("explain", canary)
    new.says("sync", "--full")
    new.says("plan", "--as-of", "2026-11-25")
    assert canary.encode() not in database(new)
    assert new.data("status", "--verify")["ledger"]["verified"] is True
    assert [entry["by"] for entry in new.ledger("redaction")] == ["ada"]


def test_a_whole_shop_is_forgotten_by_its_name_alone(shop: Shop) -> None:
    assert "--shop NAME" in shop.refuses("redact", "--yes", code=2)
    assert "--shop NAME" in shop.refuses("redact", "bruno", "--shop", "atelier", "--yes", code=2)
    assert "this is the shop" in shop.refuses("redact", "--shop", "another", "--yes", code=2)
    name = shop.data("status")["shop"]
    assert "say --yes" in shop.refuses("redact", "--shop", name, code=2)
    assert b"bruno" in database(shop)
    assert "Take its configuration out" in shop.says("redact", "--shop", name, "--yes", "--by", "ada")
    assert b"bruno" not in database(shop)
    assert shop.data("status", "--verify")["ledger"]["verified"] is True
    assert shop.data("status")["paused"]["by"] == "ada"


def database(shop: Shop) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(shop.folder.glob("vip-rules.db*")))


def test_nobody_is_redacted_unasked_or_by_a_slip(shop: Shop) -> None:
    assert "say --yes" in shop.refuses("redact", "bruno", code=2)
    assert "did you mean 'bruno'?" in shop.refuses("redact", "bruni", "--yes")
    shop.sql("UPDATE customers SET gone = 1, merged_into = 'dora' WHERE id = 'elif'")
    assert "redact dora, and both are erased" in shop.refuses("redact", "elif", "--yes")
    assert shop.ledger("redaction") == []


def test_a_database_that_isnt_one_fails_with_3(shop: Shop) -> None:
    (shop.folder / "vip-rules.db").write_bytes(b"no database at all, but long enough to be looked at" * 99)
    assert "is no database" in shop.refuses("status", code=3)
