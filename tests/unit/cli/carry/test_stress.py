"""What does `carry stress` list, run and refuse?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from perpscope.cli.app import run
from perpscope.market.time import day_ms
from tests.unit.claims.held import funding, prices
from tests.unit.runs.made_pair import HOUR, PERP, SPOT, two_days
from tests.unit.runs.stocked import stocked

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_storms_are_listed_with_what_they_need(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["carry", "stress", "--format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {"covid-2020-03-12", "may-2021-05-19", "oct-2025-10-10", "venue-halt"} <= {storm["name"] for storm in listed}
    assert all(storm["needs"] for storm in listed)


def test_one_is_run_at_the_leverages_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = day_ms("2021-01-01") - HOUR
    rising = [29_000.0 + 400 * min(max(k - 31, 0), 10) + (k % 5) for k in range(242)]  # on the second day, while it stands still
    stocked(
        tmp_path,
        prices("binanceusdm", PERP, start, rising, market="linear"),
        prices("binance", SPOT, start, rising),
        funding("binanceusdm", PERP, start + HOUR, [1e-4] * 30),
    )
    asked = ["--store", str(tmp_path / "store"), "carry", "stress", "venue-halt", "--leverage", "2,20"]
    assert run([*asked, "--format", "json"]) == 0
    told = capsys.readouterr()
    found = json.loads(told.out)
    assert [row["leverage"] for row in found["rows"]] == [2.0, 20.0]
    assert [row["liquidated"] for row in found["rows"]] == [False, False]  # topped up in time ...
    assert [row["liquidations"] for row in found["halts"]] == [0, 1]  # ... unless the venue stands still
    assert "deleveraging is not part of a run" in told.err
    assert run(asked) == 0
    shown = capsys.readouterr().out
    assert "with the venue halted, and without" in shown
    assert {"net, %", "cost, %", "topped up, %"} <= {part.strip() for line in shown.splitlines() for part in line.split("  ")}
    assert "margin_ended_at" not in shown


def test_an_unknown_storm_and_absent_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two_days(tmp_path)
    assert run(["--store", str(tmp_path / "store"), "carry", "stress", "teacup"]) == 2
    assert "there are covid-2020-03-12" in capsys.readouterr().err
    assert run(["--store", str(tmp_path / "store"), "carry", "stress", "may-2021-05-19"]) == 1
    assert "It needs: minute bars of XBTUSD" in capsys.readouterr().err


def test_words_that_would_be_passed_over_or_cannot_be_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["carry", "stress", "--leverage", "3"]) == 2
    assert "options without the name of one" in capsys.readouterr().err
    two_days(tmp_path)
    for notional in ("0", "-5"):
        assert run(["--store", str(tmp_path / "store"), "carry", "stress", "may-2021-05-19", "--notional", notional]) == 2
        assert "above 0" in capsys.readouterr().err
