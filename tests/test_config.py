"""The configuration: what is found in it, and every problem of it at once, without ever repeating a secret."""

from collections.abc import Mapping
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vip_rules.adapter import AdapterType, Setting
from vip_rules.config import Config, InvalidConfig, log_level, plugins_off, read_config, read_document

CANARY = "canary-5f1d"
ENVIRONMENT = {"TOKEN": CANARY}


def never(_: object) -> None:
    raise AssertionError("a configuration opens no adapter")


ADAPTERS = {
    "files": AdapterType(
        name="files",
        title="Files",
        open=never,  # type: ignore[arg-type]
        settings={
            "folder": Setting(description="Where they are.", required=True, path=True),
            "out": Setting(description="Where they go.", path=True, default="out"),
        },
    ),
    "market": AdapterType(
        name="market",
        title="Market",
        open=never,  # type: ignore[arg-type]
        settings={
            "url": Setting(description="Its address.", required=True),
            "token": Setting(description="Its key.", required=True, secret=True),
            "pages": Setting(description="How many at a time.", default=10),
            "strict": Setting(description="Whether to stop.", default=False),
        },
    ),
}

MARKET = '[store]\nadapter = "market"\nurl = "https://market.example.org"\ntoken_env = "TOKEN"\n'


def config(
    folder: Path,
    text: str,
    environment: Mapping[str, str] = ENVIRONMENT,
) -> Config:
    path = folder / "vip-rules.toml"
    path.write_text(text, "utf-8")
    return read_config(path, read_document(path), ADAPTERS, environment)


def problems(folder: Path, text: str, environment: Mapping[str, str] = ENVIRONMENT) -> list[str]:
    with pytest.raises(InvalidConfig) as refused:
        config(folder, text, environment)
    said = str(refused.value)
    assert CANARY not in said
    return [line.removeprefix(f"{folder / 'vip-rules.toml'}: ") for line in said.splitlines()]


def test_what_is_left_out_has_its_default_and_paths_start_from_the_files_folder(tmp_path: Path) -> None:
    found = config(tmp_path, '[store]\nadapter = "files"\nfolder = "store"\n')
    assert found.program == tmp_path / "program.json"
    assert found.database == f"sqlite:///{tmp_path / 'vip-rules.db'}"
    assert (found.adapter, found.shop, found.rates, found.messages) == ("files", "files", None, {})
    assert found.settings == {"folder": str(tmp_path / "store"), "out": str(tmp_path / "out")}


def test_everything_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f" {CANARY}\n", "utf-8")
    found = config(
        tmp_path,
        'program = "other.json"\ndatabase = "postgresql+psycopg://me@host/shop"\nplugins_off = ["market"]\n'
        f'{MARKET}shop = "north"\npages = 3\nstrict = true\n[currency]\nrates = "/rates.csv"\n'
        '[messages]\nurl = "https://mail.example.org"\nsecret_file = "secret"\n',
    )
    assert (found.program, found.database) == (tmp_path / "other.json", "postgresql+psycopg://me@host/shop")
    assert (found.shop, found.rates) == ("north", Path("/rates.csv"))
    assert found.settings == {
        "url": "https://market.example.org",
        "token": CANARY,
        "pages": 3,
        "strict": True,
    }
    assert found.messages == {"url": "https://mail.example.org", "secret": CANARY}


def test_a_path_of_a_database_that_is_whole_stays(tmp_path: Path) -> None:
    found = config(tmp_path, f'database = "sqlite:////data/vip.db"\n{MARKET}')
    assert found.database == "sqlite:////data/vip.db"


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        'programm = "x.json"\n[stroe]\na = 1\n[store]\nadapter = "market"\nurl = 7\ntokn_env = "TOKEN"\npages = "3"\n'
        '[currency]\nrate = "x"\n[messages]\nfile = "a"\nurl = "b"\n',
    )
    assert found == [
        "programm is not known here: did you mean program?",
        "stroe is not known here: did you mean [store]?",
        "[store] url: found a whole number, expected a text",
        "[store] tokn_env is not known here: did you mean token_env?",
        "[store] pages: found a text, expected a whole number",
        "[store] token_env or token_file is missing: Its key.",
        "[currency] rate is not known here: did you mean rates?",
        "[messages] url needs a secret that signs: secret_env or secret_file",
        "[messages] has file and url: choose one",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "[store] adapter is missing: expected one of files, market"),
        (
            '[store]\nadapter = "shop"\n',
            "[store] adapter 'shop' is not installed: expected one of files, market",
        ),
        ('[store]\nadapter = "files"\n', "[store] folder is missing: Where they are."),
        ('[store]\nadapter = "files"\nfolder = ""\n', "[store] folder: found nothing, expected a text"),
        (
            f"store = 3\n{MARKET.replace('store', 'currency')}",
            "store is a section: write [store], and its keys below",
        ),
        (f'plugins_off = "files"\n{MARKET}', "plugins_off: found a text, expected a list"),
        (f"strict = true\n{MARKET}", "strict is not known here: expected one of program, database"),
        (f'{MARKET}[messages]\nsecret_env = "TOKEN"\n', "[messages] needs file, url or smtp"),
        (f"{MARKET}strict = 1\n", "[store] strict: found a whole number, expected true or false"),
    ],
)
def test_a_problem_says_what_was_expected(tmp_path: Path, text: str, said: str) -> None:
    assert any(line.startswith(said) for line in problems(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # The secret itself, in each of the places where somebody could put it.
        (
            MARKET.replace('token_env = "TOKEN"', f'token = "{CANARY}"'),
            "token is not known here: did you mean token_env?",
        ),
        (
            MARKET.replace('"TOKEN"', f'"{CANARY}"'),
            "token_env: the environment variable that it names is empty or not set",
        ),
        (
            MARKET.replace('token_env = "TOKEN"', f'token_file = "{CANARY}"'),
            "token_file: the file that it names can't be read",
        ),
        (MARKET.replace('"TOKEN"', f'["{CANARY}"]'), "token_env: expected the name of a variable or file"),
        (f'{MARKET}token_file = "{CANARY}"\n', "token_env and token_file are both there: choose one"),
        (
            f'database = ["postgresql://me:{CANARY}@host/shop"]\n{MARKET}',
            "database: found a list, expected a text",
        ),
        (f'{MARKET}url = "{CANARY}"\n', "is no TOML"),
        (f"{MARKET}shop = '{CANARY}\n", "is no TOML"),
    ],
)
def test_a_secret_in_the_wrong_place_is_never_repeated(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in line for line in problems(tmp_path, text))


def test_an_empty_secret_is_none(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(" \n", "utf-8")
    with_file = MARKET.replace('token_env = "TOKEN"', 'token_file = "secret"')
    for text in (MARKET, with_file):
        assert any("is empty or not set" in line for line in problems(tmp_path, text, {"TOKEN": " "}))


def test_a_file_that_isnt_there_or_is_no_toml_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match=r"there is no such file; vip-rules init makes a project"):
        read_document(tmp_path / "vip-rules.toml")
    (tmp_path / "vip-rules.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidConfig, match="is no TOML"):
        read_document(tmp_path / "vip-rules.toml")


def test_how_the_service_runs_has_defaults(tmp_path: Path) -> None:
    found = config(tmp_path, MARKET)
    assert found.server == {
        "host": "127.0.0.1",
        "port": 8000,
        "storefronts": [],
        "largest_webhook": 5_242_880,
        "log_level": "info",
    }
    assert found.worker == {
        "reconcile_minutes": 15,
        "daily_at": time(0, 5),
        "nightly_at": time(3),
        "effects_per_second": 0,
        "keep_webhooks_days": 30,
    }


def test_how_the_service_runs_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "links").write_text(f"{CANARY}-2", "utf-8")
    found = config(
        tmp_path,
        f'{MARKET}[server]\nhost = "0.0.0.0"\nport = 0\ntoken_env = "TOKEN"\nlinks_file = "links"\n'
        'storefronts = ["https://shop.example", "https://xn--fsq.example:8443", "http://localhost:3000"]\n'
        '[worker]\ndaily_at = "23:59"\neffects_per_second = 20\n',
    )
    assert (found.server["host"], found.server["port"]) == ("0.0.0.0", 0)
    assert (found.server["token"], found.server["links"]) == (CANARY, f"{CANARY}-2")
    assert len(found.server["storefronts"]) == 3
    assert (found.worker["daily_at"], found.worker["effects_per_second"]) == (time(23, 59), 20)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\nport = 65_536", "[server] port: expected a whole number from 0 to 65,535"),
        ("[server]\nport = true", "[server] port: found true or false, expected a whole number"),
        ("[server]\nprot = 1", "[server] prot is not known here: did you mean port?"),
        ('[server]\nlog_level = "loud"', "[server] log_level: expected debug, info, warning or error"),
        (
            "[server]\nlargest_webhook = 65_535",
            "[server] largest_webhook: expected a whole number from 65,536 to 67,108,864",
        ),
        (
            '[server]\nstorefronts = "https://shop.example"',
            "[server] storefronts: found a text, expected a list",
        ),
        *(
            (
                f"[server]\nstorefronts = [{origin}]",
                "[server] storefronts: expected a list of origins such as ",
            )
            for origin in (
                *(
                    '"*"',
                    '""',
                    '"shop.example"',
                    '"http://shop.example"',
                    '"https://shop.example/"',
                    "1",
                    "[]",
                ),
                *(
                    '"https://Shop.example"',
                    '"https://shop.example\\n"',
                    '"https://shop.example:0"',
                    '"null"',
                ),
            )
        ),
        *(
            (f'[worker]\ndaily_at = "{time}"', "[worker] daily_at: expected a time of day such as 03:00")
            for time in ("24:00", "3:00", "03:60", "03:00:00", "03:00\\n", "٠٣:00", "noon")
        ),
        ("[worker]\nnightly_at = 03:00:00", "[worker] nightly_at: found something else, expected a text"),
        (
            "[worker]\nreconcile_minutes = 0",
            "[worker] reconcile_minutes: expected a whole number from 1 to 1,440",
        ),
        (
            "[worker]\nkeep_webhooks_days = 0",
            "[worker] keep_webhooks_days: expected a whole number from 1 to 3,650",
        ),
        (
            "[worker]\neffects_per_second = -1",
            "[worker] effects_per_second: expected a whole number from 0 to 1,000",
        ),
        ("[wroker]\ndaily_at = 1", "wroker is not known here: did you mean [worker]?"),
    ],
)
def test_what_the_service_runs_with_is_checked(tmp_path: Path, text: str, said: str) -> None:
    (problem,) = problems(tmp_path, f"{MARKET}{text}\n")
    assert problem.startswith(said)


def test_a_secret_of_the_service_is_never_empty(tmp_path: Path) -> None:
    for name in ("token", "links"):
        (problem,) = problems(tmp_path, f'{MARKET}[server]\n{name}_env = "NOTHING"\n')
        assert problem.startswith(f"[server] {name}_env: the environment variable that it names is empty")


def test_nothing_that_may_hold_a_secret_is_shown(tmp_path: Path) -> None:
    text = (
        f'database = "postgresql+psycopg://me:{CANARY}@host/shop"\n{MARKET}'
        '[server]\ntoken_env = "TOKEN"\n[messages]\nurl = "https://x.example"\nsecret_env = "TOKEN"\n'
    )
    assert CANARY not in repr(config(tmp_path, text))


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(CANARY, "utf-8")
    found = config(
        tmp_path,
        f'program = "a.json"\n{MARKET}pages = 3\n[server]\nport = 1\nlog_level = "debug"\n',
        {
            "VIP_RULES_DATABASE": "sqlite:////data/vip.db",
            "VIP_RULES_PROGRAM": "b.json",
            "VIP_RULES_PLUGINS_OFF": '["other"]',
            "VIP_RULES_STORE_PAGES": "5",
            "VIP_RULES_STORE_STRICT": "true",
            "VIP_RULES_STORE_TOKEN_FILE": "secret",
            "VIP_RULES_SERVER_PORT": "8_080",
            "VIP_RULES_SERVER_STOREFRONTS": '["https://shop.example"]',
            "VIP_RULES_WORKER_DAILY_AT": "04:00",
            "VIP_RULES_MESSAGES_FILE": "messages.jsonl",
            "VIP_RULES_TEST_POSTGRES": "postgresql://x",
            "VIP_RULES_HYPOTHESIS": "thorough",
        },
    )
    assert (found.program, found.database) == (tmp_path / "b.json", "sqlite:////data/vip.db")
    assert found.settings == {
        "url": "https://market.example.org",
        "token": CANARY,
        "pages": 5,
        "strict": True,
    }
    assert (found.server["port"], found.server["log_level"]) == (8080, "debug")
    assert found.server["storefronts"] == ["https://shop.example"]
    assert found.worker["daily_at"] == time(4)
    assert found.messages["file"] == str(tmp_path / "messages.jsonl")


def test_the_environment_alone_is_enough(tmp_path: Path) -> None:
    found = config(
        tmp_path,
        "",
        {
            "VIP_RULES_STORE_ADAPTER": "market",
            "VIP_RULES_STORE_SHOP": "north",
            "VIP_RULES_STORE_URL": "https://market.example.org",
            "VIP_RULES_STORE_TOKEN_ENV": "VIP_RULES_STORE_TOKEN",
            "VIP_RULES_STORE_TOKEN": CANARY,
        },
    )
    assert (found.adapter, found.shop, found.settings["token"]) == ("market", "north", CANARY)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SERVER_PORT": "70000"}, "VIP_RULES_SERVER_PORT: expected a whole number from 0 to 65,535"),
        ({"SERVER_PORT": "eighty"}, "VIP_RULES_SERVER_PORT: found a text, expected a whole number"),
        ({"SERVER_PORT": ""}, "VIP_RULES_SERVER_PORT: found nothing, expected a whole number"),
        ({"SERVER_PORT": "1\nx = 2"}, "VIP_RULES_SERVER_PORT: found a text, expected a whole number"),
        ({"STORE_STRICT": "yes"}, "VIP_RULES_STORE_STRICT: found a text, expected true or false"),
        ({"PLUGINS_OFF": "files"}, "VIP_RULES_PLUGINS_OFF: found a text, expected a list"),
        ({"PLUGINS_OFF": "[1]"}, "VIP_RULES_PLUGINS_OFF: expected a list of names"),
        (
            {"SERVER_PROT": "1"},
            "VIP_RULES_SERVER_PROT is no setting: did you mean VIP_RULES_SERVER_PORT?",
        ),
        ({"XYZ": "1"}, "VIP_RULES_XYZ is no setting: the reference of vip-rules.toml lists the settings"),
        (
            {"STORE_TOKEN": CANARY},
            (
                "VIP_RULES_STORE_TOKEN: a secret isn't given as itself; VIP_RULES_STORE_TOKEN_FILE names a file, "
                "VIP_RULES_STORE_TOKEN_ENV a variable that holds it"
            ),
        ),
        (
            {"STORE_TOKEN_FILE": CANARY},
            "VIP_RULES_STORE_TOKEN_FILE: the file that it names can't be read",
        ),
        (
            {"STORE_TOKEN_ENV": CANARY},
            "VIP_RULES_STORE_TOKEN_ENV: the environment variable that it names is empty or not set: put the secret there",
        ),
        (
            {"STORE_TOKEN_ENV": "TOKEN", "STORE_TOKEN_FILE": "x"},
            "VIP_RULES_STORE_TOKEN_ENV and token_file are both there: choose one",
        ),
        (
            {"STORE_ADAPTER": "shop", "STORE_ANYTHING": "1"},
            "VIP_RULES_STORE_ADAPTER 'shop' is not installed: expected one of files, market",
        ),
    ],
)
def test_what_the_environment_says_wrong_is_told_by_the_variables_name(
    tmp_path: Path, variables: Mapping[str, str], said: str
) -> None:
    given = ENVIRONMENT | {f"VIP_RULES_{name}": value for name, value in variables.items()}
    found = problems(tmp_path, MARKET, given)
    assert said in found


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_any_text_of_a_variable_is_taken_or_refused_in_words(text: str) -> None:
    path = Path("vip-rules.toml")
    document = {"store": {"adapter": "files", "folder": "store"}}
    for key in ("PORT", "STOREFRONTS", "LOG_LEVEL"):
        variable = f"VIP_RULES_SERVER_{key}"
        try:
            told = str(type(read_config(path, document, ADAPTERS, {variable: text}).server[key.lower()]))
        except InvalidConfig as refused:
            told = str(refused)
        assert told.startswith((f"{variable}: ", "<class"))


@pytest.mark.parametrize(
    ("document", "environment", "level"),
    [
        ({}, {}, "info"),
        ({"server": {"log_level": "debug"}}, {}, "debug"),
        ({"server": {"log_level": "debug"}}, {"VIP_RULES_SERVER_LOG_LEVEL": "error"}, "error"),
        ({"server": {"log_level": ["debug"]}}, {}, "info"),
        ({"server": 1}, {"VIP_RULES_SERVER_LOG_LEVEL": "loud"}, "info"),
    ],
)
def test_the_level_of_the_log_is_known_before_the_rest(
    document: Mapping[str, object], environment: Mapping[str, str], level: str
) -> None:
    assert log_level(document, environment) == level


def test_plugins_are_left_out_by_file_or_environment() -> None:
    assert plugins_off({"plugins_off": ["files"]}, {"VIP_RULES_PLUGINS_OFF": '["a", "b"]'}) == ["a", "b"]
    assert plugins_off({"plugins_off": ["files"]}, {"VIP_RULES_PLUGINS_OFF": "a"}) == []


def test_plugins_are_named_by_texts() -> None:
    assert plugins_off({"plugins_off": ["files"]}, {}) == ["files"]
    assert plugins_off({"plugins_off": "files"}, {}) == []
