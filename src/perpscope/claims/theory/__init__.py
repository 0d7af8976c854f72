"""Do the formulas, numbers and published tables of theory hold? Files of checks in, verdicts out; dispatch is by what is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from perpscope.claims.case import Shelf
from perpscope.claims.theory.checks import Check, read_checks
from perpscope.claims.theory.meets import plainly
from perpscope.claims.theory.outcome import Verdict
from perpscope.claims.theory.verdict import judge

if TYPE_CHECKING:
    from perpscope.store import Store

__all__ = ["Check", "Verdict", "check_text", "read_checks", "verdict_rows"]


def check_text(text: str, store: Store | None = None) -> list[Verdict]:
    """Judge every check of a file.

    Parameters
    ----------
    text : JSON, an object with a list "checks". store : what checks of the class data are recomputed from; None holds nothing.

    Raises
    ------
    InputError
        When the file is no such object.

    **Source**: the shape of `theory_checks.json`.
    """
    checks = read_checks(text)
    shelf = Shelf(store)
    return [judge(check, shelf, _meant(check, checks, k)) for k, check in enumerate(checks)]


def _meant(check: Check, checks: Sequence[Check], k: int) -> str:
    """Return the formula of a check that says "same": of the nearest one before, else after it, with the same names of inputs."""
    said = check.formula.strip().lower()
    if not said.startswith("same"):
        return check.formula
    others = [*reversed(checks[:k]), *checks[k + 1 :]]
    alike = (c for c in others if set(c.inputs) == set(check.inputs) and not c.formula.strip().lower().startswith("same"))
    found = next(alike, None)
    return check.formula if found is None else found.formula


def verdict_rows(verdicts: Iterable[Verdict]) -> list[dict[str, object]]:
    """Write verdicts as rows: {id, name, cls, status, expected, got, reason, parts, data}.

    **Source**: the rows of `catalogue.check`.
    """
    return [
        {
            "id": v.check.name,
            "name": v.check.name,
            "cls": v.check.cls,
            "status": v.status,
            "expected": plainly(v.check.expected),
            "got": v.got,
            "reason": v.reason,
            "parts": list(v.parts),
            "data": list(v.data),
        }
        for v in verdicts
    ]
