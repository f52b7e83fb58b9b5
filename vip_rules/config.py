"""The configuration, vip-rules.toml: which program, which database, which store, and where messages go.

Secrets are never in it: X_env names an environment variable, X_file a file that holds one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from vip_rules.adapter import AdapterType, Setting
from vip_rules.errors import VipRulesError

FILE: Final = "vip-rules.toml"

MESSAGES: Final = {
    "file": Setting(description="Where messages are written, as JSON Lines.", path=True),
    "url": Setting(description="Where messages are posted to, signed."),
    "secret": Setting(description="The secret that signs them, for url.", secret=True),
}

CURRENCY: Final = {
    "rates": Setting(description="Exchange rates: a CSV file with day, from, to, rate.", path=True),
}

TOP: Final = {
    "program": Setting(description="The program's JSON file.", default="program.json", path=True),
    "database": Setting(description="The database's URL.", default="sqlite:///vip-rules.db"),
    "plugins_off": Setting(description="Plugins to leave out, by their names.", default=[]),
}


SECTIONS: Final = ("store", "currency", "messages")


class InvalidConfig(VipRulesError):
    """A configuration that can't work: mend the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The configuration of one shop. Paths are whole; `settings` are those of the adapter, secrets read."""

    file: Path
    program: Path
    database: str
    adapter: str
    shop: str
    settings: Mapping[str, Any]
    rates: Path | None = None
    messages: Mapping[str, Any] = field(default_factory=dict)


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


def plugins_off(document: Mapping[str, Any]) -> list[str]:
    """The plugins that a document leaves out."""
    found = document.get("plugins_off", [])
    return [str(name) for name in found] if isinstance(found, list) else []


def read_config(
    path: Path,
    document: Mapping[str, Any],
    adapters: Mapping[str, AdapterType],
    environment: Mapping[str, str],
) -> Config:
    """The configuration in a document, checked. Raises InvalidConfig with every problem of it."""
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
        self._problems: list[str] = []

    def config(self, document: Mapping[str, Any], adapters: Mapping[str, AdapterType]) -> Config:
        """The whole configuration."""
        sections = {name: self._section(document, name) for name in SECTIONS}
        top = {name: value for name, value in document.items() if name not in sections}
        general = self._settings("", top, TOP)
        store = dict(sections["store"])
        adapter = store.pop("adapter", None)
        chosen = adapters.get(adapter) if isinstance(adapter, str) else None
        if chosen is None:
            known = ", ".join(adapters)
            found = "is missing" if adapter is None else f"{adapter!r} is not installed"
            self._problems.append(f"[store] adapter {found}: expected one of {known}")
        common = {"shop": Setting(description="The shop's name.", default=adapter or "shop")}
        own = chosen.settings if chosen else {}
        settings = self._settings("store", store, {**common, **own}) if chosen else {}
        rates = self._settings("currency", sections["currency"], CURRENCY)
        messages = self._settings("messages", sections["messages"], MESSAGES)
        if "url" in messages and not {"secret_env", "secret_file"} & set(sections["messages"]):
            self._problems.append("[messages] url needs a secret that signs: secret_env or secret_file")
        if "url" in messages and "file" in messages:
            self._problems.append("[messages] has file and url: choose one")
        if "messages" in document and not {"file", "url"} & set(sections["messages"]):
            self._problems.append("[messages] needs file or url: where do they go?")
        if self._problems:
            raise InvalidConfig("\n".join(f"{self._path}: {problem}" for problem in self._problems))
        return Config(
            file=self._path,
            program=Path(general["program"]),
            database=self._database(general["database"]),
            adapter=str(adapter),
            shop=settings["shop"],
            settings={name: value for name, value in settings.items() if name in own},
            rates=Path(rates["rates"]) if "rates" in rates else None,
            messages=messages,
        )

    def _section(self, document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        found = document.get(name, {})
        if isinstance(found, dict):
            return found
        self._problems.append(f"{name} is a section: write [{name}], and its keys below")
        return {}

    def _settings(
        self, section: str, given: Mapping[str, Any], known: Mapping[str, Setting]
    ) -> dict[str, Any]:
        """The values of a section's settings, defaults filled in."""
        place = f"[{section}] " if section else ""
        names = {name: name for name, setting in known.items() if not setting.secret}
        for name, setting in known.items():
            if setting.secret:
                names |= {f"{name}_env": name, f"{name}_file": name}
        found: dict[str, Any] = {}
        for key, value in given.items():
            if key not in names:
                expected = [*names, *(() if section else (f"[{name}]" for name in SECTIONS))]
                near = get_close_matches(f"[{key}]" if isinstance(value, dict) else key, expected, n=1)
                hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(expected)}"
                self._problems.append(f"{place}{key} is not known here: {hint}")
            elif known[names[key]].secret:
                self._add(found, names[key], self._secret(place, key, value))
            else:
                self._add(found, key, self._value(place, key, value, known[key]))
        for name, setting in known.items():
            if setting.secret and f"{name}_env" in given and f"{name}_file" in given:
                self._problems.append(f"{place}{name}_env and {name}_file are both there: choose one")
            if name in found or any(names[key] == name for key in given if key in names):
                continue
            if setting.required:
                wanted = f"{name}_env or {name}_file" if setting.secret else name
                self._problems.append(f"{place}{wanted} is missing: {setting.description}")
            elif setting.default is not None:
                found[name] = self._whole(setting.default) if setting.path else setting.default
        return found

    def _add(self, found: dict[str, Any], name: str, value: Any) -> None:
        if value is not None:
            found[name] = value

    def _value(self, place: str, key: str, value: Any, setting: Setting) -> Any:
        kind = type(setting.default) if setting.default is not None else str
        if type(value) is not kind or value == "":
            # What was found isn't said: it may be a password in the wrong place.
            found = "nothing" if value == "" else _WORDS.get(type(value), "something else")
            self._problems.append(f"{place}{key}: found {found}, expected {_WORDS.get(kind, kind.__name__)}")
            return None
        return self._whole(value) if setting.path else value

    def _secret(self, place: str, key: str, value: Any) -> str | None:
        """What a variable or a file holds. No message repeats what is written here: it may be the secret itself."""
        if not isinstance(value, str) or not value:
            self._problems.append(f"{place}{key}: expected the name of a variable or file")
            return None
        if key.endswith("_env"):
            held, where = self._environment.get(value, ""), "the environment variable that it names"
        else:
            where = "the file that it names"
            try:
                held = Path(self._whole(value)).read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                self._problems.append(f"{place}{key}: {where} can't be read")
                return None
        if not held.strip():
            self._problems.append(f"{place}{key}: {where} is empty or not set: put the secret there")
            return None
        return held.strip()

    def _whole(self, path: str) -> str:
        """A path from the folder of the configuration on."""
        return str(self._folder.joinpath(Path(path).expanduser()))

    def _database(self, url: str) -> str:
        """A URL whose SQLite file is looked for in the folder of the configuration."""
        prefix = "sqlite:///"
        file = url.removeprefix(prefix)
        return f"{prefix}{self._whole(file)}" if url.startswith(prefix) and file else url
