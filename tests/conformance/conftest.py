"""How does one inherited suite become one test per rule, example and part? Its parameters come from the venue's own files."""

from __future__ import annotations

from typing import Any

import pytest

pytest.register_assert_rewrite("tests.conformance.suite", "tests.conformance.laws", "tests.conformance.real")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every test of a suite the values its argument names."""
    if "series" in metafunc.fixturenames:
        ids = [f"{one.venue} {one.native_id} {one.file[8:19]}" for one in metafunc.cls.series]
        metafunc.parametrize("series", metafunc.cls.series, ids=ids)
    elif venue := getattr(metafunc.cls, "venue", ""):
        for name, (values, ids) in _cases(venue).items():
            if name in metafunc.fixturenames:
                metafunc.parametrize(name, values, ids=ids)


def _cases(venue: str) -> dict[str, tuple[list[Any], list[str]]]:
    from tests.conformance.cases import document, examples, rules
    from tests.conformance.mutants import mutants, paid_mutants

    every = list(rules(venue).values())
    changed = {"mutant": mutants, "paid_mutant": paid_mutants}
    found: dict[str, list[Any]] = {
        "rule": every,
        "example": list(examples(venue)),
        **{name: [mutant for rule in every for mutant in made(rule)] for name, made in changed.items()},
        **{name.removesuffix("s"): document(venue)[name] or [{}] for name in ("refuses", "symbols", "numbers")},
    }
    return {name: (values, [_id(value) for value in values]) for name, values in found.items()}


def _id(value: Any) -> str:  # noqa: ANN401 - a rule, an example, a mutant or an entry of the data file
    if isinstance(value, dict):
        return str(value.get("rule") or value.get("native_id") or "none on file")
    return f"{value.rule.id} {value.what}" if hasattr(value, "what") else str(value.id)
