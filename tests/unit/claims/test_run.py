"""Does a claim whose computation breaks leave the others their verdicts, and is it told?"""

from __future__ import annotations

from pathlib import Path

import pytest

import perpscope.claims.run as trial
from perpscope.claims.case import Case, Shelf
from perpscope.claims.ledger import load_claim
from perpscope.claims.model import Claim, Reproduction, Text
from perpscope.cli.app import run
from perpscope.errors import NotEnoughData, StoreError

MENDED = trial._function


def _breaks(fault: Exception, name: str = "F05") -> object:
    def function(_: Case) -> Reproduction:
        raise fault

    def chosen(claim: Claim) -> object:
        return function if claim.id == name else MENDED(claim)

    return chosen


def test_a_fault_of_one_claim_is_told_and_the_others_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_function", _breaks(ZeroDivisionError("division by zero\nat length")))
    broken, whole = trial.reproductions(["F05", "A02"], Shelf(None))
    assert (broken.verdict, broken.broken, dict(broken.found)) == ("cannot be tested", True, {})
    assert all("ZeroDivisionError: division by zero" in broken.why.of(language) for language in ("en", "zh"))
    assert not any("at length" in broken.why.of(language) for language in ("en", "zh"))
    assert (whole.claim.id, whole.broken) == ("A02", False)
    assert whole.found


def test_too_little_data_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_function", _breaks(NotEnoughData("a mean", "no days")))
    (short,) = trial.reproductions(["F05"], Shelf(None))
    assert (short.verdict, short.broken) == ("cannot be tested", False)


def test_a_store_that_cannot_be_read_is_no_matter_of_one_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_function", _breaks(StoreError("the store", "torn")))
    with pytest.raises(StoreError, match="torn"):
        list(trial.reproductions(["F05"], Shelf(None)))


def test_the_command_ends_with_a_finding_when_a_computation_broke(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--store", str(tmp_path / "none"), "claims", "run", "F05", "F20", "--format", "json"]
    assert run(asked) == 0
    monkeypatch.setattr(trial, "_function", _breaks(KeyError("x")))
    capsys.readouterr()
    assert run(asked) == 1
    told = capsys.readouterr()
    assert "F05 broke" in told.err
    assert '"F20"' in told.out


def test_an_interval_without_an_end_is_left_out() -> None:
    case = Case(load_claim("F05"), Shelf(None))
    ends = {"apr": (0.1, 0.2), "apy": (0.1, float("nan")), "payments": (float("-inf"), 2.0)}
    found = case.answer("holds", {"apr": 0.1095}, why=[Text.same("So.")], intervals=ends)
    assert dict(found.intervals) == {"apr": (0.1, 0.2)}
