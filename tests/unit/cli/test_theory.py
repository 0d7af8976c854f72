"""Do the verbs of theory keep their contract: data on standard output, talk aside, exit 1 for a finding, 2 for misuse?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from perpscope.cli.app import FINDING, FINE, MISUSE, run

GOOD: dict[str, Any] = {"name": "a", "cls": "formula", "formula": "r*3*365", "inputs": {"r": 0.0001}, "expected": 0.1095, "tol": 1e-9}
DATA = {"name": "b", "cls": "data", "formula": "", "inputs": {"data": "Binance USD-M, 2021-01-01..2021-02-01"}, "expected": {"BTC": 0.1}}
LINEAR = ["price", "perp", "--payoff", "linear", "--spot", "10000", "--format", "json"]
QUANTO = ["price", "perp", "--payoff", "quanto", "--spot", "2000", "--kappa", "10", "--format", "json"]


@pytest.fixture
def asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:  # noqa: ANN401 - a function
    def ask(*checks: object) -> tuple[int, list[dict[str, Any]], str]:
        file = tmp_path / "checks.json"
        file.write_text(json.dumps({"checks": checks}), encoding="utf-8")
        code = run(["--store", str(tmp_path / "none"), "theory", "check", str(file), "--format", "json"])
        said = capsys.readouterr()
        return code, json.loads(said.out), said.err

    return ask


def test_checks_come_as_rows_and_a_failed_one_is_a_finding(asked: Any) -> None:  # noqa: ANN401 - a function
    code, rows, said = asked(GOOD, {**DATA, "name": "mean_funding"})
    assert (code, [row["status"] for row in rows]) == (FINE, ["pass", "unsupported"])
    assert "1 pass, 0 fail, 1 unsupported, 0 disputed (1 for want of data)" in said
    assert rows[1]["reason"].startswith("data absent: settled funding of binanceusdm BTC/USDT:USDT, 2021-01-01..2021-02-01")
    code, rows, _ = asked({**GOOD, "expected": 0.11}, GOOD)
    assert (code, [row["status"] for row in rows]) == (FINDING, ["fail", "pass"])
    assert (rows[0]["id"], rows[0]["expected"], rows[0]["got"]) == ("a", 0.11, pytest.approx(0.1095))


@pytest.mark.parametrize("text", ["", "[]", '{"checks": 1}', "not json"])
def test_a_file_that_is_none_is_misuse(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    file = tmp_path / "checks.json"
    file.write_text(text, encoding="utf-8")
    assert run(["theory", "check", str(file)]) == MISUSE
    said = capsys.readouterr()
    assert said.out == ""
    assert "a file of checks" in said.err
    assert run(["theory", "check", str(tmp_path / "nowhere.json")]) == MISUSE


def _priced(capsys: pytest.CaptureFixture[str], *tokens: str) -> dict[str, Any]:
    assert run(list(tokens)) == FINE
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_a_price_has_its_premium_its_peg_and_its_bounds(capsys: pytest.CaptureFixture[str]) -> None:
    found = _priced(capsys, *LINEAR, "--kappa", "0.2", "--iota", "0.005", "--r-quote", "0.04", "--r-base", "2%/year", "--perp-fee", "0.001")
    assert found["price"] == pytest.approx(10833.3333333)
    assert found["premium"] == pytest.approx(0.0833333333)
    assert found["pegging_iota"] == pytest.approx(0.02)
    assert found["bounds"]["cost"] == 0.002
    assert found["bounds"]["low"] < found["price"] < found["bounds"]["high"]
    assert 0.2 * (1 - 1e4 / found["bounds"]["high"]) + 0.005 * 1e4 / found["bounds"]["high"] == pytest.approx(0.02 + 0.2 * 0.002)
    assert found["rates_are"] == "per year, continuous"


def test_rates_with_a_period_are_turned_into_that_of_the_funding(capsys: pytest.CaptureFixture[str]) -> None:
    per = _priced(capsys, *LINEAR, "--kappa", "1", "--iota", "0.0001", "--r-quote", "0.00005", "--period", "8h")
    told = _priced(capsys, *LINEAR, "--kappa", "3/day", "--iota", "10.95%/year", "--r-quote", "0.005%/8h", "--period", "8h")
    assert told["price"] == pytest.approx(per["price"], rel=1e-15)
    assert per["read"] == {"kappa": 1.0, "iota": 0.0001, "r_quote": 0.00005, "r_base": 0.0, "covariance": 0.0, "clamp": None}
    assert per["mean_life_hours"] == 8
    end = _priced(capsys, *LINEAR, "--kappa", "1", "--iota", "0.0001", "--r-quote", "0.00005", "--period", "8h", "--funding-on", "end")
    assert 0 < abs(end["price"] - per["price"]) < 1


def test_a_carry_at_the_interest_has_an_interval_of_prices(capsys: pytest.CaptureFixture[str]) -> None:
    clamped = [*LINEAR, "--kappa", "1", "--iota", "0.0001", "--clamp", "0.0005", "--period", "8h"]
    found = _priced(capsys, *clamped, "--r-quote", "0.0001")
    assert found["price"] is None
    assert [found["price_low"], found["price_high"]] == pytest.approx([9996.00159936, 10006.0036022])
    other = _priced(capsys, *clamped, "--r-quote", "0.00005")
    assert other["price_low"] == other["price_high"] == other["price"] == pytest.approx(10_000 / (1 + 0.0005 - 0.00005))


def test_a_quanto_needs_its_covariance_and_an_inverse_pays_the_sign_of_a_long(capsys: pytest.CaptureFixture[str]) -> None:
    quanto = [*QUANTO, "--r-quote", "0.05", "--r-base", "0.03"]
    found = _priced(capsys, *quanto, "--rho", "0.83", "--sigma-x", "1.03", "--sigma-z", "78%", "--r-margin", "0.01")
    assert found["pegging_iota"] == pytest.approx(0.686822)
    inverse = ["price", "perp", "--payoff", "inverse", "--spot", "10000", "--kappa", "0.2", "--r-quote", "0.04", "--r-base", "0.02"]
    assert _priced(capsys, *inverse, "--iota", "-0.005", "--format", "json")["price"] == pytest.approx(11282.0512821)


@pytest.mark.parametrize(
    ("tokens", "why"),
    [
        ([*QUANTO], "no --rho, --sigma-x, --sigma-z"),
        ([*LINEAR, "--kappa", "0.01", "--r-quote", "0.05"], "no finite price"),
        ([*LINEAR, "--kappa", "0"], "nothing ties"),
        ([*LINEAR, "--kappa", "1", "--rho", "0.5"], "no covariance"),
        ([*LINEAR, "--kappa", "1", "--r-margin", "0.5"], "margin coin"),
        ([*LINEAR, "--kappa", "1", "--period", "8h", "--continuous"], "both"),
        ([*LINEAR, "--kappa", "1", "--period", "soon"], "not of the form 8h"),
        ([*LINEAR, "--kappa", "much"], "no number"),
        ([*LINEAR, "--kappa", "nan"], "not finite"),
        ([*LINEAR, "--kappa", "1", "--clamp", "0.0005"], "no stated period"),
        ([*LINEAR, "--kappa", "1", "--clamp", "-0.0005", "--period", "8h"], "half width"),
        ([*LINEAR, "--kappa", "1", "--perp-fee", "-1"], "below 0"),
        ([*LINEAR[:-3], "-5", "--kappa", "1"], "not above 0"),
    ],
)
def test_what_has_no_price_says_why(capsys: pytest.CaptureFixture[str], tokens: list[str], why: str) -> None:
    assert run(tokens) == MISUSE
    said = capsys.readouterr()
    assert said.out == ""
    assert why in said.err


def test_every_option_of_a_price_names_its_unit(capsys: pytest.CaptureFixture[str]) -> None:
    run(["price", "perp", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    for words in (
        "per --period, per year with --continuous",
        "volatility a year",
        "-1 to 1",
        "quote units per base unit",
        "fraction of its value",
    ):
        assert words in told.replace("│ │ ", ""), words
