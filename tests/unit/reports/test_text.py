"""Do the plain rows keep the shapes of the command contract, and does all of it survive JSON?"""

from __future__ import annotations

import json

import pytest

from perpscope.analysis.board import board
from perpscope.errors import InputError
from perpscope.reports.inputs import Audit, facts_of
from perpscope.reports.text import board_rows, brief_rows
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
