"""How does one inherited suite become one test per rule, example and part? Its parameters come from the venue's own files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.conformance.cases import document, examples, rules
from tests.conformance.mutants import mutants, paid_mutants

if TYPE_CHECKING:
    import pytest


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every test of a suite the values its argument names."""
    venue = getattr(metafunc.cls, "venue", "")
    if not venue:
        return
    wanted: dict[str, tuple[list[Any], list[str]]] = {
        "rule": _named(list(rules(venue).values()), "id"),
        "example": _named(list(examples(venue)), "id"),
        "mutant": _mutants(venue, mutants),
        "paid_mutant": _mutants(venue, paid_mutants),
    }
    for name in ("refuses", "symbols", "numbers"):
        found = document(venue)[name] or [{}]
        wanted[name.removesuffix("s")] = (found, [str(entry.get("rule") or entry.get("native_id")) for entry in found])
    for name, (values, ids) in wanted.items():
        if name in metafunc.fixturenames and not (name == "rule" and {"mutant", "example"} & set(metafunc.fixturenames)):
            metafunc.parametrize(name, values, ids=ids)


def _named(values: list[Any], attribute: str) -> tuple[list[Any], list[str]]:
    return values, [str(getattr(value, attribute)) for value in values]


def _mutants(venue: str, made: Any) -> tuple[list[Any], list[str]]:  # noqa: ANN401 - a generator of mutants
    found = [mutant for rule in rules(venue).values() for mutant in made(rule)]
    return found, [f"{mutant.rule.id} {mutant.what}" for mutant in found]
