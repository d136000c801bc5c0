"""Run the examples in the docstrings of the evaluation."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest

import eval.answers as any_module

MODULES = sorted(path.stem for path in Path(any_module.__file__).parent.glob("[a-z]*.py"))


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    assert doctest.testmod(import_module(f"eval.{name}")).failed == 0


def test_there_are_examples() -> None:
    found = [doctest.DocTestFinder().find(import_module(f"eval.{name}")) for name in MODULES]
    assert sum(bool(test.examples) for tests in found for test in tests) >= 12
