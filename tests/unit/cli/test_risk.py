"""Does `risk funding` keep its contract: data on standard output, the same seed the same bytes, errors that say what to do?"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from perpscope.cli.app import FINDING, FINE, MISUSE, run
from perpscope.collect.generated import fill
from perpscope.simulation.scenarios.first_look import FIRST_LOOK
from perpscope.store import Store

POSITION = ("--side", "long", "--notional", "1000000", "--days", "10")
CONTRACT = ("sim:binanceusdm", "BTC")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("risk") / "store"
    fill(Store.open(folder, create=True), FIRST_LOOK)
    return folder


def risk(store: Path, capsys: pytest.CaptureFixture[str], *tokens: str) -> tuple[int, str, str]:
    code = run(["--store", str(store), "--no-open", "risk", "funding", *tokens])
    out, err = capsys.readouterr()
    return code, out, err


def answered(store: Path, capsys: pytest.CaptureFixture[str], *tokens: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    code, out, err = risk(store, capsys, *CONTRACT, *POSITION, *tokens, "--format", "json")
    assert code == FINE, err
    return json.loads(out)


def test_the_answer_has_both_models_and_says_what_it_stands_on(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answered(store, capsys, "--level", "0.9", "--level", "0.99")
    assert [m["model"] for m in found["models"]] == ["bootstrap", "fitted"]
    assert [each["level"] for each in found["models"][0]["levels"]] == [0.9, 0.99]
    assert (found["venue"], found["symbol"], found["n"]) == ("sim:binanceusdm", "BTC/USDT:USDT", 360)
    assert found["window"] == ["2023-01-01T08:00:00Z", "2023-05-01T00:00:00Z"]
    assert len(found["law"]["told"]) == 3
    assert found["certificate"]["digest"]
    for model in found["models"]:
        for tail in model["levels"]:
            assert tail["es"] >= tail["var"]
            assert tail["var_low"] <= tail["var_high"]


def test_the_seed_decides_every_byte(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, again = (answered(store, capsys, "--seed", "3") for _ in range(2))
    assert first == again
    assert first["models"][0]["levels"] != answered(store, capsys, "--seed", "4")["models"][0]["levels"]


def test_amounts_window_and_model_are_as_asked(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answered(
        store, capsys, "--more-than", "500", "--model", "bootstrap", "--from", "2023-02-01", "--to", "2023-04-01", "--no-backtest"
    )
    assert [m["model"] for m in found["models"]] == ["bootstrap"]
    assert [p["more_than"] for p in found["models"][0]["probabilities"]] == [500.0]
    assert found["window"] == ["2023-02-01T00:00:00Z", "2023-03-31T16:00:00Z"]
    assert found["models"][0]["backtest"] is None


def test_a_cap_of_the_callers_own_is_applied_and_said(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answered(store, capsys, "--cap", "0.00001", "--no-backtest", "--model", "bootstrap")
    assert found["models"][0]["worst"] <= 30 * 0.00001 * 1_000_000 * (1 + 1e-9)
    assert found["law"]["told"][0].endswith("given")
    code, _, err = risk(store, capsys, *CONTRACT, *POSITION, "--cap", "-1")
    assert code == MISUSE
    assert "above 0" in err


def test_where_one_model_lacks_history_the_other_answers(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answered(store, capsys, "--to", "2023-03-01", "--no-backtest")
    assert [m["model"] for m in found["models"]] == ["bootstrap"]
    assert "three months" in found["unanswered"]["fitted"]


def test_the_sheet_has_a_row_for_each_model_and_level(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = risk(store, capsys, *CONTRACT, *POSITION, "--no-backtest", "--format", "csv")
    rows = list(csv.DictReader(out.splitlines()))
    assert code == 0
    assert [(row["model"], row["level"]) for row in rows] == [(m, x) for m in ("bootstrap", "fitted") for x in ("0.95", "0.99")]
    assert all(float(row["es"]) >= float(row["var"]) and "{" not in "".join(row.values()) for row in rows)


def test_the_table_tells_sign_source_and_certificate(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = risk(store, capsys, *CONTRACT, *POSITION)
    assert code == FINE
    assert "positive: the position pays" in out
    assert "certificate" in out
    assert "premium to rate: binanceusdm" in out
    assert "is sim:binanceusdm BTC/USDT:USDT" in err


@pytest.mark.parametrize(
    ("tokens", "code", "said"),
    [
        ((*CONTRACT, "--side", "long", "--notional", "1", "--days", "100"), FINDING, "twice the horizon"),
        (("sim:binanceusdm", "XRP/USDT:USDT", *POSITION), FINDING, "the store holds"),
        ((*CONTRACT, *POSITION, "--level", "0.05"), MISUSE, "from 0.5"),
        ((*CONTRACT, *POSITION, "--more-than", "inf"), MISUSE, "amounts of money"),
        ((*CONTRACT, *POSITION, "--seed", "-1"), MISUSE, "a seed"),
        ((*CONTRACT, *POSITION, "--from", "2030-01-01"), FINDING, "Widen the window"),
        ((*CONTRACT, "--side", "both", "--notional", "1", "--days", "1"), MISUSE, "side"),
        (("nowhere", "BTC", *POSITION), MISUSE, "nowhere"),
    ],
)
def test_what_cannot_be_answered_says_what_to_do(
    tokens: tuple[str, ...], code: int, said: str, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, out, err = risk(store, capsys, *tokens)
    assert (found, out) == (code, "")
    assert said in err
