"""Filling templates in: sandboxed, complete or not at all, and no value in them can be taken for more than text."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    UndefinedError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from vip_rules.letters.formats import Formats
from vip_rules.letters.letter import InvalidTemplate
from vip_rules.letters.templates import Source

_SPACE: Final = re.compile(r"(?:[^\S\u00a0\u202f]|[\x00-\x1f\x7f-\x9f])+")
"""All kinds of space, and signs that aren't seen, but for those that keep a number and its unit on one line."""

_DIRECTIONS: Final = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
"""Signs that turn the direction of what stands after them."""

_BULLET: Final = "- "

_PAGE: Final = """<!DOCTYPE html>
<html lang="{{ language }}">
<body style="font-family: sans-serif; line-height: 1.5">
{% for block in blocks %}
{% if block.bullets %}
<ul>
{% for item in block.lines %}
<li>{{ item }}</li>
{% endfor %}
</ul>
{% else %}
<p>{% for line in block.lines %}{{ line }}{% if not loop.last %}<br>
{% endif %}{% endfor %}</p>
{% endif %}
{% endfor %}
</body>
</html>
"""


def environment(formats: Formats, folder: Path | None) -> Environment:
    """Where the templates of a language are filled in. They may include others of the shop's folder."""
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # the text is no HTML; the page that is made of it is escaped
        loader=None if folder is None else FileSystemLoader(folder),
    )
    made.filters |= formats.filters()
    return made


def compiled(environment: Environment, source: Source, text: str) -> Template:
    """A template, ready to be filled in. Raises InvalidTemplate."""
    try:
        code = environment.compile(text, name=source.place, filename=source.place)
    except TemplateSyntaxError as error:
        raise InvalidTemplate(f"{source.place}:{error.lineno}: {error.message}") from None
    return environment.template_class.from_code(environment, code, environment.make_globals(None))


def fill(template: Template, context: Mapping[str, Any], source: Source) -> str:
    """A template, filled in. Raises InvalidTemplate with the line, and without what customers' data say."""
    try:
        return template.render(context)
    except InvalidTemplate:
        raise
    except Exception as error:  # a template is a program of the shop's: anything may go wrong in it
        lines = [
            each.lineno for each in traceback.extract_tb(error.__traceback__) if each.filename == source.place
        ]
        told = (isinstance(error, TemplateError) and error.message) or type(error).__name__
        if isinstance(error, UndefinedError):
            told += f"; a template may speak of {', '.join(sorted(context))}"
        raise InvalidTemplate(f"{source.place}{f':{lines[-1]}' if lines else ''}: {told}") from None


def one_line(text: str) -> str:
    """A text on one line, without signs that aren't seen."""
    return _SPACE.sub(" ", _DIRECTIONS.sub("", text)).strip()


def one_lined(value: Any) -> Any:
    """Plain data, with each of its texts on one line."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, Mapping):
        return {name: one_lined(each) for name, each in value.items()}
    return [one_lined(each) for each in value] if isinstance(value, list | tuple) else value


def laid_out(text: str) -> str:
    """A text without the empty lines and spaces that parts left out leave behind."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def page(text: str, language: str) -> str:
    """A text as HTML: paragraphs, and lists where lines begin with a hyphen. Everything in it is escaped."""
    return _HTML.render(language=language, blocks=list(_blocks(text)))


def _blocks(text: str) -> Iterator[dict[str, Any]]:
    for part in text.strip().split("\n\n"):
        lines = part.splitlines()
        bullets = all(line.startswith(_BULLET) for line in lines)
        yield {
            "bullets": bullets,
            "lines": [line.removeprefix(_BULLET) if bullets else line for line in lines],
        }


_HTML: Final = Environment(
    autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
).from_string(_PAGE)
