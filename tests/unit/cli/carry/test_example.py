"""Does `carry example` answer with the promised names, and say what is wrong where something is?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from perpscope.cli.app import run
from perpscope.market.time import day_ms
from perpscope.store import Store
from tests.unit.claims.held import funding
from tests.unit.runs.hourly import made
from tests.unit.runs.stocked import stocked

FILE = Path(__file__).resolve().parents[4] / "src" / "perpscope" / "catalogue" / "examples" / "coinflex.toml"


def test_the_contract_of_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["carry", "example", "coinflex", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["horizon_days"] == 56
    assert "compounded" in found["convention"]
    assert sorted(round(value, 3) for value in found["yields"].values()) == [0.298, 0.327, 0.397, 0.64]


def test_a_table_for_eyes(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["carry", "example", "coinflex", "--volume", "5e8", "--volatility", "3%"]) == 0
    shown = capsys.readouterr().out
    assert "56 days, compounded once a horizon" in shown
    assert "volatility 0.03 (given), volume 5e+08 (given)" in shown
    assert "coefficient 1 (assumed)" in shown


def test_a_file_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.toml"
    own.write_text(FILE.read_text(encoding="utf-8").replace('profit = "44421.65"', 'profit = "54421.65"'), encoding="utf-8")
    assert run(["carry", "example", "read", str(FILE), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["horizon_days"] == 56
    assert run(["carry", "example", "read", str(own)]) == 1
    assert "0 of 8 conventions" in capsys.readouterr().out


@pytest.mark.parametrize(("given", "says"), [(["--volume", "much"], "'much' is no number"), (["--volatility", "x"], "'x' is no share")])
def test_misuse_is_told(given: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["carry", "example", "coinflex", *given]) == 2
    assert says in capsys.readouterr().err


def test_histories_of_a_store_without_pairs_are_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Store.open(tmp_path / "store", create=True)
    assert run(["--store", str(tmp_path / "store"), "carry", "example", "coinflex", "--histories"]) == 1
    assert "no two venues share 56 days" in capsys.readouterr().err


def test_histories_of_two_venues(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = day_ms("2022-09-01")
    stocked(
        tmp_path,
        funding("binanceusdm", "BTC/USDT:USDT", start, [1e-4] * 240),
        funding("htx", "BTC/USDT:USDT", start, [2e-4] * 240),
    )
    command = ["--store", str(tmp_path / "store"), "carry", "example", "coinflex", "--histories"]
    assert run([*command, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)["histories"]
    assert found["pairs"][0]["p50"] == pytest.approx(56 * 3 * 1e-4 * 1e6)
    assert (found["backtests"], found["pooled"]["ETH"]) == ([], {"n": 0})
    assert run([*command, "--days", "20"]) == 0
    assert "6,000" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--volume", "0"], "volume 0"),
        (["--volume", "-5"], "volume -5"),
        (["--coefficient", "-1"], "coefficient -1"),
        (["--half-spread", "-1bp"], "half the spread -0.0001"),
        (["--volatility", "-4%"], "volatility -0.04"),
        (["--days", "7"], "without --histories"),
        (["--pairs", "2"], "without --histories"),
        (["--covered", "50%"], "without --histories"),
        (["--histories", "--days", "0"], "days above 0"),
        (["--histories", "--pairs", "-1"], "-1. Give 0 or more"),
    ],
)
def test_what_cannot_be_meant_or_would_be_passed_over(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["carry", "example", "coinflex", *words]) == 2
    assert told in capsys.readouterr().err


def test_a_file_that_is_none_is_its_users_move(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("empty.toml", ""), ("letter.txt", "Dear reader")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert run(["carry", "example", "read", str(tmp_path / name)]) == 2
        told = capsys.readouterr().err
        assert name in told
        assert ".." not in told.replace(str(tmp_path), "")


def test_rules_of_a_paper_need_prices(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Store.open(tmp_path / "store", create=True)
    store = ["--store", str(tmp_path / "store")]
    assert run([*store, "carry", "example", "he", "--quick"]) == 1
    assert "BTC/USDT" in capsys.readouterr().err
    assert run([*store, "carry", "example", "he", "--coin", "XRP"]) == 2
    assert "Printed are BTC, ETH" in capsys.readouterr().err


def test_rules_of_a_paper_beside_its_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(tmp_path)
    command = ["--store", str(tmp_path / "store"), "carry", "example", "he", "--coin", "BTC"]
    assert run([*command, "--quick", "--format", "json"]) == 0
    assert {"coin", "strategy", "tier", "paper", "printed"} <= set(json.loads(capsys.readouterr().out)["rows"][0])
    assert run([*command, "--rate", "3%"]) == 0
    shown = capsys.readouterr()
    assert "carry 3.00 % a year (given)" in shown.out
    assert "BTC: carry, no fees" in shown.err
