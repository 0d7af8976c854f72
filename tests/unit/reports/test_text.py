"""Do the plain rows keep the shapes of the command contract, and does all of it survive JSON?"""

from __future__ import annotations

import json

import pytest

from perpscope.analysis.board import board
from perpscope.errors import InputError
from perpscope.reports.inputs import Audit, ImportNote, Problem, facts_of
from perpscope.reports.text import audit_rows, board_rows, brief_rows, import_rows, problem_rows, source_rows
from tests.unit.reports import made


def test_board_rows_are_json_with_iso_times_and_fractions() -> None:
    rows = board_rows(board(made.funding(), made.NOW, synthetic=["source-beta"]))
    again = json.loads(json.dumps(rows, allow_nan=False))
    assert again == rows
    first = next(row for row in rows if row["venue"] == "beta" and row["coin"] == "BTC")
    assert first["last"] == "2027-02-09T00:00:00Z"
    assert first["synthetic"] is True
    assert 0 <= first["interest_share"] <= 1


def test_brief_rows_mark_generated_contracts() -> None:
    rows = brief_rows(board(made.funding(), made.NOW, synthetic=["source-beta"]))
    assert {row["venue"] for row in rows if row["kind"] == "SYNTHETIC"} == {"beta"}
    assert {row["kind"] for row in rows if row["venue"] == "gamma"} == {"inverse", "quanto"}


def test_an_audit_comes_back_as_it_went_in() -> None:
    answer = {
        "venue": "beta",
        "symbol": "BTC/USDC:USDC",
        "rows": 5,
        "recomputed": 3,
        "matched": 2,
        "max_abs_error": 1e-9,
        "checks": [{"name": "limit", "holds": None, "detail": "untried"}],
        "certificate": {"digest": "ab"},
    }
    assert audit_rows([Audit.of(answer)]) == [answer]


def test_problems_and_imports_come_back_as_they_went_in() -> None:
    problem = {"table": "funding", "venue": "a", "symbol": "b", "kind": "gap", "from": "2026-01-01T00:00:00Z", "to": None, "detail": "d"}
    assert problem_rows([Problem.of(problem)]) == [problem]
    note = {"file": "f", "table": "funding", "rows": 3, "added": 1, "present": 1, "rejected": 1, "reason": "why"}
    assert import_rows([ImportNote.of(note)]) == [note]


def test_sources_without_a_licence_have_none() -> None:
    rows = source_rows(made.inputs(synthetic=frozenset({"source-beta"})).sources)
    assert {row["licence"] for row in rows} == {None}
    assert {row["id"] for row in rows if row["synthetic"]} == {"source-beta"}


@pytest.mark.parametrize("counts", [(5, 6, 1), (5, 3, 4), (5, 3, -1)])
def test_an_audit_cannot_match_more_than_it_recomputed(counts: tuple[int, int, int]) -> None:
    with pytest.raises(InputError, match="Each number is part of the next"):
        Audit("a", "b", *counts)


@pytest.mark.parametrize(
    ("certificate", "facts"),
    [
        (None, ()),
        ("all there", (("certificate", "all there"),)),
        ({"rows": 3, "table": {"name": "funding", "gaps": []}}, (("rows", "3"), ("table name", "funding"), ("table gaps", "none"))),
        ({"gaps": [{"from": 1, "to": None}] * 5}, (("gaps", "from 1, to unknown; from 1, to unknown; from 1, to unknown; and 2 more"),)),
    ],
)
def test_certificates_of_any_shape_become_names_and_values(certificate: object, facts: tuple[tuple[str, str], ...]) -> None:
    assert facts_of(certificate) == facts
