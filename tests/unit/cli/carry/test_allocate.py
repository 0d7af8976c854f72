"""Does `carry allocate` read rows and stores, say what it took and why, and refuse what it cannot use in its own words?"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from perpscope.cli.app import run
from tests.unit.runs.test_allocate import stocked

Ask = Callable[[str], tuple[int, str, str]]
COSTS = "--fee 1bp --half-spread 0 --opportunity 0"


def row(symbol: str, apr: float, venues: tuple[str, str] = ("a", "b"), **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - what a row holds
    legs = [
        {"venue": venue, "side": side, "payoff": "linear", "symbol": f"{symbol}/USDT:USDT", "leverage": 2.0}
        for venue, side in zip(venues, ("short", "long"), strict=True)
    ]
    net = apr - 0.0012 * 365 / 30
    return {
        "symbol": symbol,
        "kind": "perp_perp",
        "legs": legs,
        "gross_apr": apr,
        "cost_bp": 12.0,
        "net_apr_notional": net,
        "net_apr_capital": net,
        "breakeven_days": 5.0,
        "p_positive": 0.9,
        "liquidation_move": 0.3,
        "capacity": None,
        "why_null": {"capacity": "no depth is on record"},
    } | changed


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stocked(tmp_path_factory.mktemp("allocate")).folder


@pytest.fixture
def ask(market: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    def asked(line: str) -> tuple[int, str, str]:
        code = run(["--store", str(market), "carry", "allocate", *line.split()])
        out, err = capsys.readouterr()
        return code, out, err

    return asked


def told(ask: Ask, line: str) -> dict[str, Any]:
    code, out, err = ask(f"{line} --format json")
    assert code == 0, err
    answer: dict[str, Any] = json.loads(out)
    return answer


def scan_file(folder: Path, *rows: Mapping[str, Any], **beside: Any) -> Path:  # noqa: ANN401 - what else a file may hold
    file = folder / "scan.json"
    file.write_text(json.dumps({"candidates": list(rows), **beside} if beside else list(rows)), encoding="utf-8")
    return file


def test_rows_of_a_file_by_hand(ask: Ask, tmp_path: Path) -> None:
    """36.5 % a year over 30 days are 3 %, less 12 bp: 0.0288 a unit. Half of a trade lies at each venue: 30 % at a are 600,000."""
    file = scan_file(tmp_path, row("BTC", 0.365), row("ETH", 0.1825, ("c", "d")))
    answer = told(ask, f"--candidates {file} --capital 1e6 --venue-limit 30% --venue-limit c=10% --risk 0")
    sizes = {one["coin"]: one["notional"] for one in answer["trades"]}
    assert sizes == pytest.approx({"BTC": 600_000, "ETH": 200_000})
    assert answer["totals"]["expected"] == pytest.approx(600_000 * 0.0288 + 200_000 * 0.0138)
    best = answer["trades"][0]
    assert best["by_reason"] == pytest.approx({"funding": 18_000, "cost": -720})
    assert best["legs"][0] == {
        "venue": "a", "symbol": "BTC/USDT:USDT", "side": "short", "notional": pytest.approx(600_000), "margin": pytest.approx(300_000),
        "leverage": 2.0,
    }  # fmt: skip


def test_a_covariance_may_stand_beside_the_rows_in_their_order(ask: Ask, tmp_path: Path) -> None:
    rows = [row("ETH", 0.1825, ("c", "d")), row("BTC", 0.365)]  # the plan ranks bitcoin first
    calm = told(ask, f"--candidates {scan_file(tmp_path, *rows, covariance=[[1e-12, 0], [0, 1e-12]])} --risk 100")
    wild = told(ask, f"--candidates {scan_file(tmp_path, *rows, covariance=[[1e-12, 0], [0, 1e-4]])} --risk 100")
    sizes = [{one["coin"]: one["notional"] for one in answer["trades"]} for answer in (calm, wild)]
    assert sizes[0] == pytest.approx({"BTC": 1e6}, rel=1e-3)
    assert sizes[1]["ETH"] > sizes[1]["BTC"]


def test_the_store_is_scanned_where_no_rows_are_given(ask: Ask) -> None:
    line = f"--at 2021-06-01 --leverage 2 --venue-limit 40% --coin-limit 70% --kind perp_perp {COSTS}"
    answer = told(ask, line)
    assert answer["at"] == "2021-06-01T00:00:00Z"
    assert [one["coin"] for one in answer["trades"]] == ["BTC", "ETH"]
    code, out, err = ask(line)
    assert code == 0
    assert "4 candidates at 2021-06-01T00:00:00Z, held 30 days" in err
    assert "left out short bybit:BTC/USDT:USDT / long okx:BTC/USDT:USDT: would earn" in out
    assert "what it takes is worth" in out
    code, out, _ = ask(f"{line} --format csv")
    assert code == 0
    assert out.splitlines()[0].startswith("name,kind,coin,notional,capital,expected")


def test_nothing_that_pays_is_a_finding(ask: Ask, tmp_path: Path) -> None:
    code, out, _ = ask(f"--candidates {scan_file(tmp_path, row('BTC', 0.001))} --risk 0")
    assert code == 1
    assert "does not pay" in out


def test_unknown_costs_are_told_or_stop(ask: Ask, tmp_path: Path) -> None:
    hole = row("ETH", 0.3, cost_bp=None, why_null={"cost_bp": "no fee is on record", "capacity": "no depth"})
    file = scan_file(tmp_path, row("BTC", 0.3), hole)
    answer = told(ask, f"--candidates {file} --risk 0")
    assert answer["refused"] == [{"name": "short a:ETH/USDT:USDT / long b:ETH/USDT:USDT", "why": "cost: cost_bp: no fee is on record"}]
    code, _, err = ask(f"--candidates {file} --risk 0 --strict --opportunity 0")
    assert code == 1
    assert "no fee is on record" in err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--capital 0", "a plan's capital"),
        ("--capital lots", "--capital: 'lots' is no number"),
        ("--venue-limit 300%", "the limit of a venue"),
        ("--coin-limit=-1%", "the limit of a coin"),
        ("--stress 100%", "a stress move"),
        ("--hold 0", "days above 0"),
        ("--risk=-1", "an aversion to risk"),
        ("--leverage 0.5", "a leverage"),
        ("--correlation 2", "a correlation"),
        ("--top 0", "Give --top 1 or more"),
        ("--kind odd", "no kind of trade"),
        ("--symbol NOPE", "NOPE"),
        ("--covariance none.json", "no such file"),
    ],
)
def test_misuse_is_told(ask: Ask, line: str, words: str) -> None:
    code, _, err = ask(f"--at 2021-06-01 {COSTS} {line}")
    assert code == 2
    assert words in err


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "it is no JSON"), ("[]", "no rows of a scan"), ('{"rows": 1}', "no rows of a scan"), ('[{"legs": []}]', "Give a list of")],
)
def test_files_that_hold_no_rows_are_told(ask: Ask, tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "odd.json"
    file.write_text(text, encoding="utf-8")
    code, _, err = ask(f"--candidates {file}")
    assert code == 2
    assert words in err


def test_a_covariance_of_another_size_is_told(ask: Ask, tmp_path: Path) -> None:
    code, _, err = ask(f"--candidates {scan_file(tmp_path, row('BTC', 0.3), covariance=[[1, 0], [0, 1]])}")
    assert code == 2
    assert "one row and column a candidate" in err


def test_rows_come_in_by_standard_input_and_their_moment_is_the_plans(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each coin of a scan ends where its data does: the moment that most rows tell is taken, not now."""
    ends = ["2024-03-01T00:00:00Z", "2024-03-01T00:00:00Z", "2024-03-02T05:00:00Z"]
    rows = [row(coin, 0.3, at=at) for coin, at in zip(("BTC", "ETH", "SOL"), ends, strict=True)]
    text = json.dumps({"candidates": rows, "covariance": [[1e-8, 0, 0], [0, 1e-8, 0], [0, 0, 1e-8]]})
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    answer = told(ask, "--candidates - --opportunity 0")
    assert answer["at"] == ends[0]
    assert answer["totals"]["sd"] > 0  # the covariance beside the rows was read too


@pytest.mark.parametrize("words", ["--symbol BTC", "--venue okx", "--kind perp_perp", "--window 7"])
def test_words_about_a_scan_are_refused_beside_rows(ask: Ask, tmp_path: Path, words: str) -> None:
    code, _, err = ask(f"--candidates {scan_file(tmp_path, row('BTC', 0.3))} --risk 0 {words}")
    assert code == 2
    assert f"{words.split(maxsplit=1)[0]} beside --candidates" in err


def test_what_plays_no_part_or_was_generated_is_said(ask: Ask, tmp_path: Path) -> None:
    file = scan_file(tmp_path, row("BTC", 0.3), row("ETH", 0.3, ("sim:a", "sim:b")))
    _, _, err = ask(f"--candidates {file} --risk 0 --opportunity 0 --venue-limit zzz=10% --venue-limit a=90% --format csv")
    assert "no candidate is at zzz" in err
    assert "no candidate is at a:" not in err
    assert "SYNTHETIC" in err


def test_an_unknown_venue_is_named(ask: Ask) -> None:
    code, _, err = ask("--venue nowhere")
    assert code == 2
    assert "the venue 'nowhere'" in err
