"""The examples in docstrings do what they show."""

import doctest
from importlib import import_module
from pkgutil import walk_packages

import pytest

import vip_rules

MODULES = [module.name for module in walk_packages(vip_rules.__path__, "vip_rules.")]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    failed, _ = doctest.testmod(import_module(name))
    assert not failed


def test_there_are_examples() -> None:
    finder = doctest.DocTestFinder()
    found = [test for name in MODULES for test in finder.find(import_module(name)) if test.examples]
    assert len(found) >= 3
