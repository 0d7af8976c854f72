"""Does `reconcile` keep its contract: data on standard output, exit 0 all explained, 1 a finding, 2 misuse?"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from perpscope.cli.app import FINDING, FINE, MISUSE, run

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
RATES = [Fraction(10_000 + 137 * k, 10**8) * (-1) ** (k // 4) for k in range(12)]
PRICES = [Fraction(42_000_000_00 + 12_345 * k, 10**5) for k in range(12)]
HELD = Fraction(3, 2)
MAPPING = '[[file]]\nname = "rates.csv"\nfacts = { table = "funding", venue = "binanceusdm", market = "linear" }\n'


def stamp(k: int) -> str:
    return f"{FIRST + timedelta(hours=8 * k):%Y-%m-%dT%H:%M:%SZ}"


def amount(k: int) -> str:
    whole = round(-HELD * RATES[k] * PRICES[k] * 10**8)
    sign, digits = "-" if whole < 0 else "", f"{abs(whole):09d}"
    return f"{sign}{digits[:-8]}.{digits[-8:]}"


@dataclass
class Desk:
    """Files of one made-up account, and the command."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def write(self, name: str, rows: list[dict[str, Any]]) -> str:
        path = self.folder / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return str(path)

    def receipts(self, *, leave_out: int = -1) -> str:
        rows = [
            {"symbol": "BTCUSDT", "incomeType": "FUNDING_FEE", "income": amount(k), "asset": "USDT", "time": stamp(k), "tranId": str(k)}
            for k in range(12)
            if k != leave_out
        ]
        return self.write("income.jsonl", rows)

    def fixings(self) -> str:
        path = self.folder / "fixings.jsonl"
        head = '{{"venue": "binanceusdm", "symbol": "BTC/USDT:USDT", "at": "{}", '
        line = head + '"funding_rate": {:.8f}, "interval_hours": 8, "price": {:.5f}}}\n'
        path.write_text("".join(line.format(stamp(k), float(RATES[k]), float(PRICES[k])) for k in range(12)), encoding="utf-8")
        return str(path)

    def positions(self, quantity: float = float(HELD)) -> str:
        row = {"account": "me", "venue": "binanceusdm", "symbol": "BTC/USDT:USDT", "at": "2023-12-31T00:00:00Z", "quantity": quantity}
        return self.write("positions.jsonl", [row])

    def run(self, *tokens: str, store: str = "none") -> tuple[int, str, str]:
        self.capsys.readouterr()
        code = run(["--store", str(self.folder / store), "reconcile", *tokens])
        said = self.capsys.readouterr()
        return code, said.out, said.err


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_all_in_files_needs_no_store_and_is_explained(desk: Desk) -> None:
    code, out, err = desk.run(
        desk.receipts(), "--venue", "binance", "--fixings", desk.fixings(), "--positions", desk.positions(), "--format", "json"
    )
    found = json.loads(out)
    assert (code, err) == (FINE, "")
    assert set(found) == {"receipts", "missing", "totals"}
    assert {receipt["verdict"] for receipt in found["receipts"]} == {"explained"}
    assert {receipt["digits"] for receipt in found["receipts"]} == {"exact"}
    assert found["missing"] == []
    assert found["totals"]["USDT"]["received"] == pytest.approx(float(sum(Fraction(amount(k)) for k in range(12))), abs=1e-12)


@pytest.mark.parametrize("form", ["json", "table", "csv"])
def test_a_finding_is_exit_one_in_every_form(desk: Desk, form: str) -> None:
    code, out, _ = desk.run(
        desk.receipts(leave_out=5),
        "--venue",
        "binanceusdm",
        "--fixings",
        desk.fixings(),
        "--positions",
        desk.positions(3.0),
        "--format",
        form,
    )
    assert code == FINDING
    if form == "json":
        found = json.loads(out)
        assert [row["at"] for row in found["missing"]] == [stamp(5)]
        assert {row["causes"][0]["cause"] for row in found["receipts"]} == {"quantity"}
        assert "1.5 contracts, not 3" in found["receipts"][0]["causes"][0]["detail"]
    elif form == "csv":
        assert len(list(csv.DictReader(io.StringIO(out)))) == 11
    else:
        assert "not explained" in out
        assert "missing" in out


def test_the_one_venue_of_the_files_is_that_of_the_statement(desk: Desk) -> None:
    code, out, _ = desk.run(desk.receipts(), "--fixings", desk.fixings(), "--positions", desk.positions(), "--format", "json")
    assert (code, {row["venue"] for row in json.loads(out)["receipts"]}) == (FINE, {"binanceusdm"})


def test_without_a_store_and_files_the_statement_stands_alone(desk: Desk) -> None:
    rows = [
        {
            "time": stamp(0),
            "symbol": "BTC/USDT:USDT",
            "amount": "-12.00000000",
            "asset": "USDT",
            "quantity": 2,
            "price": "60000.00",
            "rate": "0.00010000",
        }
    ]
    code, out, err = desk.run(desk.write("own.jsonl", rows), "--venue", "okx", "--format", "json", "--contracts", _one_unit(desk))
    assert (code, json.loads(out)["receipts"][0]["rate"]["from"]) == (FINE, "statement")
    assert "no store is used" in err


def _one_unit(desk: Desk) -> str:
    return desk.write("contracts.jsonl", [{"venue": "okx", "symbol": "BTC/USDT:USDT", "contract_size": 1}])


def test_rates_and_prices_of_the_store_are_used(desk: Desk) -> None:
    own = desk.folder / "own"
    own.mkdir()
    rows = [f"BTCUSDT,{stamp(k)},{float(RATES[k]):.8f},8,{float(PRICES[k]):.5f}" for k in range(12)]
    (own / "rates.csv").write_text("\n".join(["symbol,ts,funding_rate,interval_hours,mark_price", *rows, ""]), encoding="utf-8")
    (own / "import.toml").write_text(MAPPING, encoding="utf-8")
    assert run(["--store", str(desk.folder / "store"), "data", "import", str(own)]) == FINE
    code, out, _ = desk.run(desk.receipts(), "--venue", "binance", "--positions", desk.positions(), "--format", "json", store="store")
    found = json.loads(out)
    assert code == FINE
    assert {receipt["rate"]["from"] for receipt in found["receipts"]} == {"store"}
    code, out, _ = desk.run(
        desk.receipts(leave_out=11), "--venue", "binance", "--positions", desk.positions(), "--from", "2024-01-01", "--to", "2024-01-05",
        "--format", "json", store="store",
    )  # fmt: skip
    assert (code, [row["at"] for row in json.loads(out)["missing"]]) == (FINDING, [stamp(11)])


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        ([], "no statement"),
        (["absent.json"], "no such file"),
        (["{receipts}"], "--venue"),
        (["{receipts}", "--venue", "nowhere"], "nowhere"),
        (["{receipts}", "--venue", "binance", "--timezone", "Mars"], "none of that name"),
        (["{receipts}", "--venue", "binance", "--positions", "{receipts}"], "positions, line 1"),
    ],
)
def test_misuse_is_exit_two_and_says_what_to_do(desk: Desk, tokens: list[str], words: str) -> None:
    given = desk.receipts()
    code, out, err = desk.run(*(token.format(receipts=given) for token in tokens))
    assert (code, out) == (MISUSE, "")
    assert words in err


def test_other_lines_are_told_on_standard_error(desk: Desk) -> None:
    path = desk.write("mixed.jsonl", [{"symbol": "BTCUSDT", "incomeType": "COMMISSION", "income": "-1", "asset": "USDT", "time": stamp(0)}])
    code, out, err = desk.run(path, "--venue", "binance", "--fixings", desk.fixings(), "--format", "json")
    assert (code, json.loads(out)["receipts"]) == (FINE, [])
    assert "1 other lines, COMMISSION is no funding" in err
