"""Checks as files hold them, and what becomes of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from perpscope.claims.theory import check_text, read_checks, verdict_rows

if TYPE_CHECKING:
    from perpscope.claims.theory import Check
    from perpscope.store import Store


def check(formula: str, inputs: dict[str, Any], expected: Any, tol: float = 1e-9, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - as files hold it
    """One check of a name that says nothing."""
    return {"name": "x", "cls": "formula", "formula": formula, "inputs": inputs, "expected": expected, "tol": tol, **more}


def judged(*checks: Any, store: Store | None = None) -> list[dict[str, Any]]:  # noqa: ANN401 - as files hold them
    """Rows of a file of these checks."""
    return verdict_rows(check_text(json.dumps({"checks": list(checks)}), store))


def status(formula: str, inputs: dict[str, Any], expected: Any, tol: float = 1e-9, **more: Any) -> str:  # noqa: ANN401 - as files hold it
    """Status of one check."""
    (row,) = judged(check(formula, inputs, expected, tol, **more))
    return str(row["status"])


def of_data(name: str, expected: Any, data: str, tol: float, **more: Any) -> Check:  # noqa: ANN401 - as files hold it
    """One check of the class data, read from a file."""
    one = {
        "name": name,
        "cls": "data",
        "formula": "recompute on the named data",
        "inputs": {"data": data},
        "expected": expected,
        "tol": tol,
    }
    (read,) = read_checks(json.dumps({"checks": [{**one, **more}]}))
    return read
