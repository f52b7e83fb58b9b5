"""The configuration, vip-rules.toml: which program, database and store, where messages go, and how the service runs.

Secrets are never in it: X_env names an environment variable, X_file a file that holds one. Every key can also be given by an
environment variable of its own (`vip_rules.environment`), which wins.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import time
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from vip_rules.adapter import AdapterType, Setting
from vip_rules.channels.quiet_hours import are_quiet_hours
from vip_rules.environment import keys, read, strangers, together, variable
from vip_rules.errors import VipRulesError

FILE: Final = "vip-rules.toml"

MESSAGES: Final = {
    "file": Setting(description="Where messages are written, as JSON Lines.", path=True),
    "url": Setting(description="Where messages are posted to, signed."),
    "secret": Setting(description="The secret that signs them, for url.", secret=True),
    "smtp": Setting(description="The mail server that sends them, HOST:PORT."),
    "from": Setting(description='Whom they are from: "Name <address>"; the name signs letters, too.'),
    "reply_to": Setting(description="The address to which answers go, for smtp."),
    "user": Setting(description="The user at the mail server, for smtp."),
    "password": Setting(description="The user's password.", secret=True),
    "unsubscribe": Setting(
        description="Where people can unsubscribe, https://… or mailto:…, for smtp; a header of each email says it."
    ),
    "templates": Setting(
        description="A folder with templates of your own: NAME.txt, NAME.LANGUAGE.txt.", path=True
    ),
    "language": Setting(
        description="The language of those who have no other that letters are written in; by default en."
    ),
    "quiet_hours": Setting(
        description="When no messages are sent, as in 21:00-09:00, in the program's time zone."
    ),
}

WAYS: Final = ("file", "url", "smtp")
"""The ways for messages to leave, of which a shop has one."""

FOR_ONE_WAY: Final[Mapping[str, tuple[str, ...]]] = {
    "url": ("secret_env", "secret_file"),
    "smtp": ("reply_to", "user", "password_env", "password_file", "unsubscribe"),
}
"""Keys that mean something for one way only."""

CURRENCY: Final = {
    "rates": Setting(description="Exchange rates: a CSV file with day, from, to, rate.", path=True),
}

TOP: Final = {
    "program": Setting(description="The program's JSON file.", default="program.json", path=True),
    "database": Setting(description="The database's URL.", default="sqlite:///vip-rules.db"),
    "plugins_off": Setting(description="Plugins to leave out, by their names.", default=[]),
}

SERVER: Final = {
    "host": Setting(description="The address that `serve` listens on.", default="127.0.0.1"),
    "port": Setting(description="Its port; 0 takes any that is free.", default=8000),
    "token": Setting(description="Who has it may use the API; without one nobody may.", secret=True),
    "links": Setting(
        description="Signs the links by which customers see their own standing; without one there are none.",
        secret=True,
    ),
    "storefronts": Setting(
        description="The origins whose pages may ask for a customer's own standing, as in https://shop.example.",
        default=[],
    ),
    # A line of an order takes up to 6 kB with its taxes and properties, so that this is an order of 800 lines.
    "largest_webhook": Setting(
        description="The largest body of a webhook, in bytes.", default=5 * 1024 * 1024
    ),
    "log_level": Setting(
        description="The least that is logged: debug, info, warning or error.", default="info"
    ),
}

WORKER: Final = {
    "reconcile_minutes": Setting(description="How often the store is asked what has changed.", default=15),
    "daily_at": Setting(
        description="When everybody is evaluated anew, in the program's time zone.", default="00:05"
    ),
    "nightly_at": Setting(
        description="When the whole store is read, to find what no webhook told, in the program's time zone.",
        default="03:00",
    ),
    "effects_per_second": Setting(
        description="How many effects are sent a second at most; 0 for as many as the store takes.", default=0
    ),
    "keep_webhooks_days": Setting(
        description="How long webhooks are kept after they were dealt with.", default=30
    ),
}

STORE: Final = {
    "adapter": Setting(description="What the store is: files, or an adapter of a plugin.", required=True),
    "shop": Setting(description="The shop's name in the database; by default the adapter's."),
}

SETTINGS: Final = {"currency": CURRENCY, "messages": MESSAGES, "server": SERVER, "worker": WORKER}
"""The settings of the sections whose keys don't rest with an adapter."""

SECTIONS: Final = ("store", *SETTINGS)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a value has to be besides its type. `words` say it after "expected"."""

    words: str
    holds: Callable[[Any], bool]


def _whole_number(least: int, most: int) -> Expected:
    return Expected(f"a whole number from {least:,} to {most:,}", lambda value: least <= value <= most)


def _texts(words: str, pattern: str) -> Expected:
    fits = re.compile(pattern, re.ASCII).fullmatch
    return Expected(words, lambda values: all(isinstance(value, str) and fits(value) for value in values))


_TIME: Final = Expected(
    "a time of day such as 03:00",
    lambda value: bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII)),
)

EXPECTED: Final[Mapping[tuple[str, str], Expected]] = {
    ("", "plugins_off"): _texts("a list of names", r".+"),
    ("messages", "language"): Expected(
        "a language's tag, such as en, ko, id or zh",
        lambda value: bool(re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", value, re.ASCII)),
    ),
    ("messages", "quiet_hours"): Expected("two times of day such as 21:00-09:00", are_quiet_hours),
    ("server", "port"): _whole_number(0, 65_535),
    ("server", "storefronts"): _texts(
        "a list of origins such as https://shop.example, in small letters, with nothing behind the host and port",
        r"(https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?|http://(localhost|127\.0\.0\.1))(:[1-9]\d{0,4})?",
    ),
    ("server", "largest_webhook"): _whole_number(64 * 1024, 64 * 1024 * 1024),
    ("server", "log_level"): Expected(
        "debug, info, warning or error", lambda value: value in ("debug", "info", "warning", "error")
    ),
    ("worker", "reconcile_minutes"): _whole_number(1, 24 * 60),
    ("worker", "daily_at"): _TIME,
    ("worker", "nightly_at"): _TIME,
    ("worker", "effects_per_second"): _whole_number(0, 1_000),
    ("worker", "keep_webhooks_days"): _whole_number(1, 3_650),
}
"""What is expected of settings, by section and key."""


class InvalidConfig(VipRulesError):
    """A configuration that can't work: mend the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The configuration of one shop. Paths are whole; `settings` are those of the adapter, secrets read.

    `server` and `worker` hold the keys of their sections, defaults filled in; of `server`, token and links only where they are
    given. What may hold a secret isn't shown.
    """

    file: Path
    program: Path
    database: str = field(repr=False)
    adapter: str
    shop: str
    settings: Mapping[str, Any] = field(repr=False)
    rates: Path | None = None
    messages: Mapping[str, Any] = field(default_factory=dict, repr=False)
    server: Mapping[str, Any] = field(default_factory=dict, repr=False)
    worker: Mapping[str, Any] = field(default_factory=dict)


def read_document(path: Path) -> dict[str, Any]:
    """The TOML in a file. Raises InvalidConfig with what to do."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        raise InvalidConfig(
            f"{path}: there is no such file; vip-rules init makes a project, or name another with --config"
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidConfig(f"{path}: is no TOML: {error}") from None


def plugins_off(document: Mapping[str, Any], environment: Mapping[str, str]) -> list[str]:
    """The plugins that a document, or the environment, leaves out."""
    name = variable("", "plugins_off")
    found = document.get("plugins_off", [])
    if name in environment:
        found = read(environment[name], TOP["plugins_off"])
    return [str(name) for name in found] if isinstance(found, list) else []


def log_level(document: Mapping[str, Any], environment: Mapping[str, str]) -> Any:
    """The level of the log in a document or the environment, before the rest is read; info where it is none."""
    section = document.get("server")
    told = section.get("log_level") if isinstance(section, dict) else None
    level = environment.get(variable("server", "log_level"), told)
    return level if EXPECTED["server", "log_level"].holds(level) else SERVER["log_level"].default


def read_config(
    path: Path,
    document: Mapping[str, Any],
    adapters: Mapping[str, AdapterType],
    environment: Mapping[str, str],
) -> Config:
    """The configuration in a document and the environment, checked. Raises InvalidConfig with every problem of it."""
    return _Reader(path, environment).config(document, adapters)


_WORDS: Final[Mapping[type, str]] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    list: "a list",
    dict: "a section",
}


class _Reader:
    """Reads a document and gathers its problems."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        self._path, self._environment = path, environment
        self._folder = path.parent
        self._variables: Mapping[tuple[str, str], str] = {}
        self._problems: list[str] = []

    def config(self, document: Mapping[str, Any], adapters: Mapping[str, AdapterType]) -> Config:
        """The whole configuration."""
        sections = {name: self._section(document, name) for name in SECTIONS}
        sections[""] = {name: value for name, value in document.items() if name not in sections}
        adapter = self._environment.get(variable("store", "adapter"), sections["store"].get("adapter"))
        chosen = adapters.get(adapter) if isinstance(adapter, str) else None
        own = chosen.settings if chosen else {}
        known = {
            "": TOP,
            "store": {**STORE, "shop": replace(STORE["shop"], default=adapter), **own},
            **SETTINGS,
        }
        given = together(sections, known, self._environment)
        self._variables = given.variables
        general = self._settings("", given.values[""], TOP)
        if chosen is None:
            found = "is missing" if adapter is None else f"{adapter!r} is not installed"
            self._problem("store", "adapter", f" {found}: expected one of {', '.join(adapters)}")
        store = self._settings("store", given.values["store"], known["store"]) if chosen else {}
        others = {name: self._settings(name, given.values[name], SETTINGS[name]) for name in SETTINGS}
        self._messages(given.values["messages"], others["messages"], asked="messages" in document)
        self._problems += [
            problem
            for problem in strangers(given, known, self._environment)
            if chosen or not problem.startswith(variable("store", ""))
        ]
        if self._problems:
            raise InvalidConfig("\n".join(self._problems))
        rates = others["currency"].get("rates")
        return Config(
            file=self._path,
            program=Path(general["program"]),
            database=self._database(general["database"]),
            adapter=str(adapter),
            shop=store["shop"],
            settings={name: value for name, value in store.items() if name in own},
            rates=None if rates is None else Path(rates),
            messages=others["messages"],
            server=others["server"],
            worker=others["worker"]
            | {name: time.fromisoformat(others["worker"][name]) for name in ("daily_at", "nightly_at")},
        )

    def _problem(self, section: str, key: str, text: str) -> None:
        """Note what is wrong with a key; `text` goes on after its name, or after that of the variable which gave it."""
        place = f"{self._path}: {f'[{section}] ' if section else ''}{key}"
        self._problems.append(self._variables.get((section, key), place) + text)

    def _section(self, document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        found = document.get(name, {})
        if isinstance(found, dict):
            return found
        self._problem("", name, f" is a section: write [{name}], and its keys below")
        return {}

    def _settings(
        self, section: str, given: Mapping[str, Any], known: Mapping[str, Setting]
    ) -> dict[str, Any]:
        """The values of a section's settings, defaults filled in."""
        names = keys(known)
        found: dict[str, Any] = {}
        for key, value in given.items():
            if key not in names:
                expected = [*names, *(() if section else (f"[{name}]" for name in SECTIONS))]
                near = get_close_matches(f"[{key}]" if isinstance(value, dict) else key, expected, n=1)
                hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(expected)}"
                self._problem(section, key, f" is not known here: {hint}")
                continue
            name = names[key]
            held = (self._secret if known[name].secret else self._value)(section, key, value, known[name])
            if held is not None:
                found[name] = held
        for name, setting in known.items():
            if setting.secret and f"{name}_env" in given and f"{name}_file" in given:
                self._problem(section, f"{name}_env", f" and {name}_file are both there: choose one")
            if name in found or any(names[key] == name for key in given if key in names):
                continue
            if setting.required:
                wanted = f"{name}_env or {name}_file" if setting.secret else name
                self._problem(section, wanted, f" is missing: {setting.description}")
            elif setting.default is not None:
                found[name] = self._whole(setting.default) if setting.path else setting.default
        return found

    def _value(self, section: str, key: str, value: Any, setting: Setting) -> Any:
        kind = type(setting.default) if setting.default is not None else str
        # What was found isn't said: it may be a password in the wrong place.
        if type(value) is not kind or value == "":
            found = "nothing" if value == "" else _WORDS.get(type(value), "something else")
            self._problem(section, key, f": found {found}, expected {_WORDS.get(kind, kind.__name__)}")
            return None
        expected = EXPECTED.get((section, key))
        if expected and not expected.holds(value):
            self._problem(section, key, f": expected {expected.words}")
            return None
        return self._whole(value) if setting.path else value

    def _secret(self, section: str, key: str, value: Any, _: Setting) -> str | None:
        """What a variable or a file holds. No message repeats what is written here: it may be the secret itself."""
        if not isinstance(value, str) or not value:
            self._problem(section, key, ": expected the name of a variable or file")
            return None
        if key.endswith("_env"):
            held, where = self._environment.get(value, ""), "the environment variable that it names"
        else:
            where = "the file that it names"
            try:
                held = Path(self._whole(value)).read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                self._problem(section, key, f": {where} can't be read")
                return None
        if not held.strip():
            self._problem(section, key, f": {where} is empty or not set: put the secret there")
            return None
        return held.strip()

    def _messages(self, given: Mapping[str, Any], found: Mapping[str, Any], *, asked: bool) -> None:
        """Whether the keys of [messages] go together."""
        if "url" in found and not {"secret_env", "secret_file"} & set(given):
            self._problem("messages", "url", " needs a secret that signs: secret_env or secret_file")
        if "smtp" in found and "from" not in given:
            self._problem("messages", "smtp", ' needs from, the sender: "Name <address>"')
        if "user" in given and not {"password_env", "password_file"} & set(given):
            self._problem("messages", "user", " needs a password: password_env or password_file")
        if "password" in found and "user" not in given:
            self._problem("messages", "password", " needs a user")
        chosen = [name for name in WAYS if name in given]
        if len(chosen) > 1:
            said = f"{', '.join(chosen[:-1])} and {chosen[-1]}"
            self._problems.append(f"{self._path}: [messages] has {said}: choose one")
        if (asked or given) and not chosen:
            self._problems.append(f"{self._path}: [messages] needs file, url or smtp: where do they go?")
        for way, names in FOR_ONE_WAY.items():
            for name in (name for name in names if name in given and chosen and way not in chosen):
                self._problem("messages", name, f" is for {way}: leave it out with {chosen[0]}")

    def _whole(self, path: str) -> str:
        """A path from the folder of the configuration on."""
        return str(self._folder.joinpath(Path(path).expanduser()))

    def _database(self, url: str) -> str:
        """A URL whose SQLite file is looked for in the folder of the configuration."""
        prefix = "sqlite:///"
        file = url.removeprefix(prefix)
        return f"{prefix}{self._whole(file)}" if url.startswith(prefix) and file else url
