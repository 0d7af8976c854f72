"""Does `settle` keep its contract: data on standard output, talk on standard error, exit 0 paid, 2 misuse?"""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from perpscope.cli.app import FINE, MISUSE, run
from perpscope.collect.generated import fill
from perpscope.market.time import day_ms
from perpscope.simulation.scenarios.first_look import FIRST_LOOK
from perpscope.store import Store
from tests.unit.audit.paying import Row, fixing, held, lines

TWO_DAYS = [
    fixing(at, rate, 8, "60000", premium=premium)
    for at, rate, premium in (
        ("08:00", "0.0001", "0.0002"),
        ("16:00", "0.0004", "0.0009"),
        ("2024-05-02T00:00:00Z", "-0.0003", "-0.0008"),
    )
]


@dataclass
class Desk:
    """A folder, and the command."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, name: str, rows: list[Row] | str) -> str:
        path = self.folder / name
        path.write_text(rows if isinstance(rows, str) else lines(rows), encoding="utf-8")
        return str(path)

    def settle(self, *tokens: str) -> tuple[int, str, str]:
        code = run(["--store", str(self.folder / "store"), "--no-open", "settle", *tokens])
        out, err = self.capsys.readouterr()
        return code, out, err

    def json(self, *tokens: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        code, out, err = self.settle(*tokens, "--format", "json")
        assert code == FINE, err
        return json.loads(out)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


@pytest.fixture
def files(desk: Desk) -> tuple[str, ...]:
    """Options of one long and one short of unlike size, and three fixings."""
    positions = [held("00:00", "2"), held("09:00", "-1"), held("00:00", "-2", account="other")]
    return "--positions", desk.write("positions.jsonl", positions), "--fixings", desk.write("fixings.jsonl", TWO_DAYS)


def test_the_document(desk: Desk, files: tuple[str, ...]) -> None:
    found = desk.json(*files)
    assert {"payments", "totals_by_asset", "conservation_error"} <= set(found)
    assert [(p["account"], p["at"][11:16], p["amount"]) for p in found["payments"]] == [
        ("me", "08:00", -12.0),
        ("other", "08:00", 12.0),
        ("me", "16:00", 24.0),
        ("other", "16:00", 48.0),
        ("me", "00:00", -18.0),
        ("other", "00:00", -36.0),
    ]
    assert found["totals_by_asset"] == {"USDT": 18.0}
    assert found["conservation_error"] == 0.0
    assert found["notes"] == []


def test_the_table_and_the_sheet(desk: Desk, files: tuple[str, ...]) -> None:
    code, table, err = desk.settle(*files)
    assert (code, err) == (FINE, "total 18 USDT received\n")
    assert "amount" in table
    code, sheet, err = desk.settle(*files, "--format", "csv")
    assert (code, err) == (FINE, "")
    assert len(sheet.splitlines()) == 7
    assert sheet.startswith("account,venue,symbol,at,quantity,funding_rate,interval_hours,price,amount,asset")


def test_positions_from_standard_input(desk: Desk, files: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path(files[1]).read_bytes())))
    assert desk.json("--positions", "-", *files[2:])["totals_by_asset"] == {"USDT": 18.0}


def test_contracts_of_a_users_file(desk: Desk, files: tuple[str, ...]) -> None:
    told = desk.write(
        "contracts.jsonl", [{"venue": "binanceusdm", "symbol": "BTCUSDT", "contract_size": "0.1", "ended": "2024-05-01T20:00:00Z"}]
    )
    found = desk.json(*files, "--contracts", told)
    assert (found["totals_by_asset"], found["ignored_fixings"]) == ({"USDT": 7.2}, 1)


def test_names_that_are_not_used_are_told(desk: Desk, files: tuple[str, ...]) -> None:
    Path(files[3]).write_text(lines([row | {"colour": "red"} for row in TWO_DAYS]), encoding="utf-8")
    assert "fixings: not used: colour" in desk.settle(*files)[2]


def test_a_missing_price_stops_unless_estimates_are_asked_for(desk: Desk, files: tuple[str, ...]) -> None:
    Path(files[3]).write_text(lines([TWO_DAYS[0], TWO_DAYS[1] | {"price": None}, TWO_DAYS[2]]), encoding="utf-8")
    code, out, err = desk.settle(*files)
    assert (code, out) == (MISUSE, "")
    assert "at 2024-05-01T16:00:00Z: the price of the notional is missing" in err
    found = desk.json(*files, "--estimate")
    assert [p["estimated"] for p in found["payments"]] == [False, False, True, True, False, False]
    assert "2 payments are estimates: their price was missing" in found["notes"]


@pytest.mark.parametrize(
    ("positions", "words"),
    [
        ("", "positions: there is not one line"),
        ('{"account": "me"', "positions, line 1: no JSON"),
        ([held("00:00", "1", "atlantis")], "positions, line 1: the venue 'atlantis'"),
        ([held("00:00", "1", symbol="BTC/USDT")], "positions, line 1: a contract of BTC/USDT: a spot market pays no funding"),
        ([held("00:00", "1", symbol="XYZ/USDT:USDT")], "the funding of binanceusdm XYZ/USDT:USDT: no fixing of it"),
        ([held("00:00", "1"), held("00:00", "2")], "1 and 2 at 2024-05-01T00:00:00Z"),
    ],
)
def test_misuse_has_its_own_words(desk: Desk, files: tuple[str, ...], positions: list[Row] | str, words: str) -> None:
    code, out, err = desk.settle("--positions", desk.write("bad.jsonl", positions), *files[2:])
    assert (code, out) == (MISUSE, "")
    assert words in err


def test_a_file_that_is_not_there(desk: Desk, files: tuple[str, ...]) -> None:
    code, _, err = desk.settle("--positions", str(desk.folder / "none.jsonl"), *files[2:])
    assert code == MISUSE
    assert "no such file" in err


def test_without_fixings_the_store_pays(desk: Desk) -> None:
    fill(Store.open(desk.folder / "store", create=True), replace(FIRST_LOOK, end=day_ms("2023-01-03")))
    positions = desk.write("positions.jsonl", [held("2023-01-01T00:00:00Z", "1", "sim:hyperliquid", "BTC")])
    found = desk.json("--positions", positions)
    assert len(found["payments"]) == 48
    other = desk.json("--positions", positions, "--as", "binance usd-m")
    assert len(other["other"]["payments"]) == 6
    assert sum(row["amount"] for row in other["by_part"]) == pytest.approx(other["difference_by_asset"]["USDC"])
    assert any("the premium is what sim:hyperliquid averaged of its own market" in note for note in other["notes"])


def test_another_rule_side_by_side(desk: Desk, files: tuple[str, ...]) -> None:
    """The clamp of 0.0005 off: the rates are the premiums, 2, 9 and -8 of ten thousand, of 60,000."""
    found = desk.json(*files, "--but", "damper=0")
    assert {p["at"][11:16]: p["funding_rate"] for p in found["other"]["payments"]} == {"08:00": 0.0002, "16:00": 0.0009, "00:00": -0.0008}
    me = next(row for row in found["accounts"] if row["account"] == "me")
    assert (me["own"], me["other"], me["difference"]) == (-6.0, -18.0, -12.0)
    assert [(row["part"], row["amount"]) for row in found["by_part"] if row["account"] == "me"] == [("clamp", -12.0)]


def test_another_rule_as_tables(desk: Desk, files: tuple[str, ...]) -> None:
    code, out, _ = desk.settle(*files, "--but", "damper=0")
    assert code == FINE
    assert "difference, by part" in out
    assert "clamp" in out


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        (("--as", "atlantis"), "the venue 'atlantis'"),
        (("--but", "colour=red"), "no part of a rule is called 'colour'"),
        (("--but", "damper=wide"), "'wide' is not a number"),
        (("--but", "interval_hours=-1"), "Give hours above 0."),
        (("--as", "gmx1"), "it looks at utilisation and not at a premium"),
        (("--but", "damper=0", "--give", "colour=1"), "colour, which no rule leaves open"),
        (("--but", "damper=0", "--give", "cap=wide"), "not of the form name=value"),
        (("--as", "hyperliquid", "--rule-at", "yesterday"), "the time 'yesterday'"),
    ],
)
def test_misuse_of_another_rule(desk: Desk, files: tuple[str, ...], tokens: tuple[str, ...], words: str) -> None:
    code, out, err = desk.settle(*files, *tokens)
    assert (code, out) == (MISUSE, ""), err
    assert words in err


def test_a_cap_that_nobody_knows_is_left_away_or_given(desk: Desk) -> None:
    named = {"symbol": "XYZ/USDC:USDC"}
    row = fixing("2024-01-01T08:00:00Z", "0.0041", 8, "40000", premium="0.0046", **named)
    files = "--positions", desk.write("p", [held("2024-01-01T00:00:00Z", "1", **named)]), "--fixings", desk.write("f", [row])
    free = desk.json(*files, "--but", "damper=0")
    assert free["other"]["payments"][0]["funding_rate"] == 0.0046
    assert any("unknown for this contract and left away: formula.cap" in note for note in free["notes"])
    assert desk.json(*files, "--but", "damper=0", "--give", "cap=0.003")["other"]["payments"][0]["funding_rate"] == 0.003


def test_numbers_that_the_other_rule_asks_for_may_be_given(desk: Desk, files: tuple[str, ...]) -> None:
    code, _, err = desk.settle(*files, "--as", "dydx")
    assert code != FINE
    assert "default_funding needs default_funding of the contract" in err
    given = [token for number in ("default_funding=0", "initial_margin=0.05", "maintenance_margin=0.03") for token in ("--give", number)]
    assert len(desk.json(*files, "--as", "dydx", *given)["other"]["payments"]) == 48


def test_premiums_that_nobody_knows(desk: Desk, files: tuple[str, ...]) -> None:
    Path(files[3]).write_text(lines([{k: v for k, v in row.items() if k != "premium"} for row in TWO_DAYS]), encoding="utf-8")
    code, out, err = desk.settle(*files, "--as", "hyperliquid")
    assert (code != FINE, out) == (True, "")
    assert "1 of 3 rates do not tell it (the first at 2024-05-01T08:00:00Z): many premiums lead to it" in err
