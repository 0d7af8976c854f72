"""Do `apr` and `apy` answer with the promised names, and say what is wrong where something is?"""

from __future__ import annotations

import json

import pytest

from perpscope.cli.app import run

MONEY = ["--profit", "52627.18", "--capital", "1000000", "--days", "56"]


@pytest.mark.parametrize("verb", ["apr", "apy"])
def test_a_profit_has_all_its_rates(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([verb, *MONEY, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"profit", "capital", "days", "gain", "simple", "compounded", "compounded_daily", "continuous", "apr", "apy"} <= set(found)
    assert (round(found["simple"], 6), round(found["compounded"], 6)) == (0.343016, 0.396955)
    assert (found["apr"], found["apy"]) == (found["simple"], found["compounded"])


def test_a_rate_means_what_its_verb_says(capsys: pytest.CaptureFixture[str]) -> None:
    found = {}
    for verb in ("apr", "apy"):
        assert run([verb, "--rate", "36.5%", "--days", "10", "--capital", "1000", "--format", "json"]) == 0
        found[verb] = json.loads(capsys.readouterr().out)
    assert found["apr"]["profit"] == pytest.approx(10.0)
    assert found["apy"]["profit"] == pytest.approx(1000 * (1.365 ** (10 / 365) - 1))


def test_a_table_names_the_ways(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["apy", *MONEY]) == 0
    shown = capsys.readouterr().out
    assert "52,627.18 on 1,000,000.00, a gain of 5.262718% in 56 days" in shown
    assert "39.695536" in shown


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--profit", "1", "--capital", "0", "--days", "5"], "the capital: 0"),
        (["--profit", "1", "--capital", "10", "--days", "-5"], "the days: -5"),
        (["--profit", "-10", "--capital", "10", "--days", "5"], "loses everything"),
        (["--profit", "ten", "--capital", "10", "--days", "5"], "'ten' is no number"),
        (["--rate", "much", "--days", "5"], "'much' is no share"),
        ([], "given: nothing"),
    ],
)
def test_misuse_is_told(given: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["apy", *given]) == 2
    assert says in capsys.readouterr().err
