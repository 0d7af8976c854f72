"""Who was closed by force, as recordings tell it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from perpscope.errors import InputError, SourceError
from perpscope.runs.forced import forced_closes
from perpscope.simulation.scenarios.storms import STORMS
from perpscope.simulation.storm import Forced

if TYPE_CHECKING:
    from pathlib import Path

MADE = Forced("venue", "coins.csv", "accounts.csv")


def test_shares_are_those_of_the_rows(tmp_path: Path) -> None:
    (tmp_path / "coins.csv").write_text("ticker,liq_notional,adl_notional,liq_events,adl_events\nA,30,10,3,1\nB,5,0,1,0\nC,0,0,0,0\n")
    (tmp_path / "accounts.csv").write_text(
        "asset,side,was_liquidated,was_adl\nA,SHORT,false,true\nA,SHORT,false,false\nA,LONG,true,false\n"
    )
    found = forced_closes(tmp_path, MADE)
    assert found["totals"] == {"liquidated": 35, "deleveraged": 10, "liquidations": 4, "deleveragings": 1}
    assert [(row["coin"], row["deleveraged_share"]) for row in found["coins"]] == [("A", 0.25), ("B", 0), ("C", None)]
    assert found["accounts"] == [
        {"asset": "A", "side": "LONG", "accounts": 1, "share_liquidated": 1.0, "share_deleveraged": 0.0},
        {"asset": "A", "side": "SHORT", "accounts": 2, "share_liquidated": 0.0, "share_deleveraged": 0.5},
    ]


def test_what_is_not_there_or_not_theirs_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"the recording coins\.csv: it is not in"):
        forced_closes(tmp_path, MADE)
    (tmp_path / "coins.csv").write_text("ticker,liq_notional\nA,1\n")
    with pytest.raises(SourceError, match="no column adl_notional"):
        forced_closes(tmp_path, MADE)


def test_the_totals_of_october_2025(shared: Path) -> None:
    forced = STORMS["oct-2025-10-10"].forced
    assert forced is not None
    found = forced_closes(shared / "fixtures" / "liquidations", forced)
    assert (found["totals"]["liquidations"], found["totals"]["deleveragings"]) == (63_637, 34_983)
    assert found["totals"]["liquidated"] == pytest.approx(5.511e9, rel=1e-3)
    shorts = {row["asset"]: row for row in found["accounts"] if row["side"] == "SHORT"}
    assert shorts["SOL"]["share_deleveraged"] > 0.9
