"""Settings by environment variables: VIP_RULES_SERVER_PORT is the key port of [server], and wins over the file.

A text is given as it is, anything else as TOML writes it: 8000, true, ["https://shop.example"].
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from vip_rules.adapter import Setting

PREFIX: Final = "VIP_RULES_"

FOR_TESTS: Final = frozenset({"VIP_RULES_HYPOTHESIS", "VIP_RULES_TEST_POSTGRES"})
"""Variables that tell the tests how to run; no settings."""

Sections = Mapping[str, Mapping[str, Setting]]
"""The settings of every section, "" being what stands above all sections."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a file and the environment give together, by section and key, and the variables that gave some of it."""

    values: Mapping[str, Mapping[str, Any]]
    variables: Mapping[tuple[str, str], str]


def keys(known: Mapping[str, Setting]) -> dict[str, str]:
    """The keys under which settings are given, each with its setting's name: a secret has two."""
    plain = {name: name for name, setting in known.items() if not setting.secret}
    secret = [name for name, setting in known.items() if setting.secret]
    return plain | {f"{name}{form}": name for name in secret for form in ("_env", "_file")}


def variable(section: str, key: str) -> str:
    """The variable that gives a key of a section."""
    return PREFIX + "_".join(part.upper() for part in (section, key) if part)


def together(
    sections: Mapping[str, Mapping[str, Any]], known: Sections, environment: Mapping[str, str]
) -> Given:
    """The sections of a file, with what the environment gives instead. A variable of a secret replaces either form."""
    values: dict[str, Mapping[str, Any]] = dict(sections)
    variables: dict[tuple[str, str], str] = {}
    for section, settings in known.items():
        names = keys(settings)
        given = {key: variable(section, key) for key in names if variable(section, key) in environment}
        replaced = {names[key] for key in given}
        kept = {key: value for key, value in values[section].items() if names.get(key) not in replaced}
        found = {key: read(environment[name], settings[names[key]]) for key, name in given.items()}
        values[section] = kept | found
        variables |= {(section, key): name for key, name in given.items()}
    return Given(values, variables)


def read(text: str, setting: Setting) -> Any:
    """What the text of a variable stands for; the text itself where it is no TOML, for the reader to refuse."""
    if setting.secret or not isinstance(setting.default, bool | int | list):
        return text
    try:
        held = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return held["value"] if len(held) == 1 else text


def strangers(given: Given, known: Sections, environment: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with variables that look like settings and are none. A variable that an X_env names is no stranger."""
    settings = {variable(section, key) for section in known for key in keys(known[section])}
    secrets = {
        variable(section, name)
        for section in known
        for name, setting in known[section].items()
        if setting.secret
    }
    named = {
        value
        for section in given.values.values()
        for key, value in section.items()
        if key.endswith("_env") and isinstance(value, str)
    }
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name in settings | named | FOR_TESTS:
            continue
        if name in secrets:
            yield f"{name}: a secret isn't given as itself; {name}_FILE names a file, {name}_ENV a variable that holds it"
            continue
        # What all of them begin with makes no two of them near.
        near = get_close_matches(
            name.removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in settings], n=1
        )
        hint = (
            f"did you mean {PREFIX}{near[0]}?"
            if near
            else "the reference of vip-rules.toml lists the settings"
        )
        yield f"{name} is no setting: {hint}"
