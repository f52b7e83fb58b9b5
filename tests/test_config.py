"""The configuration: what is found in it, and every problem of it at once, without ever repeating a secret."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from vip_rules.adapter import AdapterType, Setting
from vip_rules.config import Config, InvalidConfig, plugins_off, read_config, read_document

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
        (f'{MARKET}[messages]\nsecret_env = "TOKEN"\n', "[messages] needs file or url"),
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


def test_plugins_are_named_by_texts() -> None:
    assert plugins_off({"plugins_off": ["files"]}) == ["files"]
    assert plugins_off({"plugins_off": "files"}) == []
