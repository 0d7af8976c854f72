"""What does `carry sweep` answer, in every form, and what does it say to slips of the hand?"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from perpscope.cli.app import run
from perpscope.cli.progress import progress
from tests.unit.runs.swept import months

if TYPE_CHECKING:
    from collections.abc import Callable

PAIR = ("binanceusdm", "BTC/USDT:USDT", "--spot", "binance:BTC/USDT")
AXES = ("--enter", "0%..20%/3", "--exit=-10%,0%", "--leverage", "1,3", "--look", "3")
WALK = ("--train", "40", "--test", "20", "--draws", "100")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return months(tmp_path_factory.mktemp("months")).folder


@pytest.fixture
def ask(store: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def asked(*tokens: str) -> tuple[int, str, str]:
        code = run(["--store", str(store), "carry", "sweep", *tokens])
        told = capsys.readouterr()
        return code, told.out, told.err

    return asked


def test_the_answer_for_a_machine(ask: Callable[..., tuple[int, str, str]], store: Path) -> None:
    code, out, said = ask(*PAIR, *AXES, *WALK, "--maintenance", "0.5%", "--format", "json", "--show", "3")
    found = json.loads(out)
    assert code == 0
    assert {"best", "trials", "effective_trials", "deflated_sharpe", "reality_check", "walk_forward", "luck", "sets"} <= found.keys()
    assert (found["trials"], len(found["sets"]), found["kind"]) == (12, 3, "cash_and_carry")
    assert "7 pieces of work done by serial, 0 known before" in said
    assert list((store / "runs").glob("*/*.run"))
    again = ask(
        *PAIR, *AXES, *WALK, "--maintenance", "0.5%", "--format", "json", "--show", "3", "--executor", "processes", "--workers", "2"
    )
    assert again[1] == out
    assert "0 pieces of work done by processes, 7 known before" in again[2]


def test_the_best_set_is_what_a_backtest_gives(ask: Callable[..., tuple[int, str, str]], store: Path, tmp_path: Path, capsys: Any) -> None:  # noqa: ANN401 - pytest's
    mine = tmp_path / "mine.toml"
    rows = ['[[fee]]\nvenue = "binanceusdm"\nmaker_bp = 2\ntaker_bp = 4', '[[fee]]\nvenue = "binance"\nmaker_bp = 10\ntaker_bp = 10']
    rows += ["[[spread]]\nhalf_bp = 1", '[[liquidation]]\nvenue = "binanceusdm"\nfee_bp = 100']
    mine.write_text("\n".join(rows), encoding="utf-8")
    same = ("--maintenance", "0.5%", "--costs", str(mine), "--capital", "50000", "--format", "json")
    best = json.loads(ask(*PAIR, *AXES, *same, "--no-keep")[1])["best"]
    own = best["parameters"]
    policy = ("--policy", "threshold", "--enter", str(own["enter"]), f"--exit={own['exit']}", "--look", "3")
    code = run(["--store", str(store), "carry", "backtest", *PAIR, *policy, "--leverage", f"{own['leverage']:g}", *same])
    alone = json.loads(capsys.readouterr().out)
    assert code == 0
    assert best["in_sample"]["net_return"] == pytest.approx(alone["net_return"], abs=1e-9)
    assert best["in_sample"]["funding"] == pytest.approx(alone["by_reason"]["funding"], abs=1e-6)
    assert best["in_sample"]["trades"] == alone["trades"]


def test_a_sheet_holds_every_set(ask: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = ask(*PAIR, *AXES, "--no-keep", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert len(rows) == 12
    assert [float(row["sharpe"]) for row in rows] == sorted((float(row["sharpe"]) for row in rows), reverse=True)


def test_the_tables_say_what_of_it_is_luck(ask: Callable[..., tuple[int, str, str]]) -> None:
    code, out, said = ask(*PAIR, *AXES, *WALK, "--no-keep")
    assert code == 0
    for words in ("12 sets", "chosen on 40 days, judged on the next 20", "What of it is luck?", "independent ones", "certificate "):
        assert words in out
    assert "assumed:" in said
    short = ask(*PAIR, "--enter", "0%,5%", "--no-keep")
    assert "nothing was chosen forward: 2021-01-01" in short[1]


def test_a_grid_can_stand_in_a_file(ask: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    file = tmp_path / "grid.toml"
    file.write_text('[grid]\nenter = "0%..20%/3"\nexit = [-0.1, "0%"]\nleverage = [1, 3]\nlook = 3\n', encoding="utf-8")
    line, told = ask(*PAIR, *AXES, "--no-keep", "--format", "json"), ask(*PAIR, "--grid", str(file), "--no-keep", "--format", "json")
    assert json.loads(line[1]) == json.loads(told[1])
    file.write_text("[grid", encoding="utf-8")
    assert ask(*PAIR, "--grid", str(file))[0] == 2


def test_without_axes_there_is_a_usual_grid(ask: Callable[..., tuple[int, str, str]]) -> None:
    found = json.loads(ask(*PAIR, "--leverage", "1,2", "--no-keep", "--format", "json")[1])
    assert found["trials"] == 10
    assert found["grid"] == {"enter": [0, 0.05, 0.1, 0.15, 0.2], "exit": [0], "leverage": [1, 2]}


def test_legs_may_be_written_with_their_leverage(ask: Callable[..., tuple[int, str, str]]) -> None:
    legs = ("short:binanceusdm:BTC/USDT:USDT:x3", "long:binance:BTC/USDT")
    found = json.loads(ask(*legs, "--enter", "0%", "--no-keep", "--format", "json")[1])
    assert found["best"]["parameters"]["leverage"] == 3
    code, _, talk = ask(*legs, "--enter", "0%", "--leverage", "2")
    assert code == 2
    assert "x3 beside the axis" in talk


def test_entries_alone_are_left_below_nothing_as_in_a_backtest(ask: Callable[..., tuple[int, str, str]]) -> None:
    def exits(*tokens: str) -> set[object]:
        found = json.loads(ask(*PAIR, *tokens, "--no-keep", "--format", "json")[1])
        return {one["exit"] for one in found["sets"]}

    assert exits("--enter", "0%,5%") == {0.0}
    assert exits("--enter=-5%,5%") == {-0.05}
    assert exits("--enter", "0%,5%", "--exit", "none") == {None}


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        ((*PAIR, "--enter", "many"), "'many' is no number"),
        ((*PAIR, "--exit", "5%", "--enter", "1%"), "leaves above where it enters"),
        ((*PAIR, "--grid", "absent.toml"), "no such file"),
        ((*PAIR, "--grid", "absent.toml", "--stay", "3"), "Give one of them"),
        ((*PAIR, "--halt", "binance:2021-01-02:2021-01-03"), "--halt"),
        ((*PAIR, "--leave-open"), "--leave-open"),
        ((*PAIR, "--draws", "0"), "0 draws"),
        ((*PAIR, "--seed", "-1"), "a seed: -1"),
        ((*PAIR, "--enter", "0%..20%/100000000"), "100,000,000 values"),
        ((*PAIR, "--train", "0"), "training of 0 days"),
        ((*PAIR, "--purge", "-1"), "-1 hours between"),
        ((*PAIR, "--workers", "3"), "Take --executor processes"),
        ((*PAIR, "--address", "127.0.0.1:1"), "Take --executor ray"),
        ((*PAIR[:2], "--kind", "naked_short"), "1 legs: short"),
    ],
)
def test_slips_are_answered(ask: Callable[..., tuple[int, str, str]], tokens: tuple[str, ...], said: str) -> None:
    code, out, talk = ask(*tokens)
    assert (code, out) == (2, "")
    assert said in talk


def test_a_walk_that_is_asked_for_and_does_not_fit_is_a_finding(ask: Callable[..., tuple[int, str, str]]) -> None:
    code, _, talk = ask(*PAIR, "--train", "300")
    assert code == 1
    assert "Give shorter windows, or a longer history" in talk


def test_without_ray_the_extra_is_named(ask: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perpscope.runs.executors.cluster.find_spec", lambda _name: None)
    code, _, talk = ask(*PAIR, "--executor", "ray")
    assert code == 2
    assert "Install perpscope[cluster]" in talk


def test_progress_is_shown_to_somebody_who_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, seen in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr("sys.stderr", stream)
        with progress("twelve sets") as tell:
            tell(3, 7)
        assert ("twelve sets" in stream.getvalue()) is seen
