"""Do the verbs of `rule` print what they promise, where they promise it, with the exit code they promise?"""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from perpscope.cli.app import run

if TYPE_CHECKING:
    from collections.abc import Callable

WINDOW = '{"venue": "hyperliquid", "symbol": "BTC", "at": "2025-06-01T10:00:00Z", "premium_index": 0.0012}'
GOOD = {"id": "good", "venue": "Hyperliquid", "inputs": {"avg_premium": "0.002"}, "expected": {"hourly_rate": "0.0001875"}}
BAD = {**GOOD, "id": "bad", "expected": {"hourly_rate": "0.1"}}


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    """Run one command line in place; gives exit code, data and talk."""

    def asked(*tokens: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        code = run(["rule", *tokens])
        out, err = capsys.readouterr()
        return code, out, err

    return asked


Ask = Any


def test_eval_reads_standard_input_and_answers_in_json(ask: Ask) -> None:
    code, out, err = ask("eval", "--format", "json", stdin=WINDOW)
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert {"rate", "interval_hours", "terms", "coverage", "kind", "rule", "status", "unknown", "readings"} <= set(found)
    assert {"premium", "interest", "clamped", "limited", "rounded"} <= set(found["terms"])
    assert found["rate"] == 8.75e-05


def test_eval_reads_a_file_and_prints_its_schema(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "window.json"
    file.write_text(WINDOW, encoding="utf-8")
    assert ask("eval", str(file), "--format", "json")[1] == ask("eval", "--format", "json", stdin=WINDOW)[1]
    code, out, _ = ask("eval", "--schema")
    assert code == 0
    assert json.loads(out)["$defs"]["WindowDocument"]["required"] == ["venue"]


def test_eval_in_a_table_and_as_csv(ask: Ask) -> None:
    _, table, _ = ask("eval", stdin=WINDOW)
    assert "terms.rounded" in table
    assert "8.75e-05" in table
    _, text, _ = ask("eval", "--format", "csv", stdin=WINDOW)
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["rate"], row["terms.clamped"][:6], row["coverage"]) == ("8.75e-05", "0.0007", "")


@pytest.mark.parametrize(
    ("stdin", "code", "says"),
    [
        ("", 2, "nothing was given"),
        ("{}", 2, "venue"),
        (WINDOW.replace("hyperliquid", "nowhere"), 2, "the catalogue has"),
        (WINDOW.replace("0.0012", "NaN"), 2, "NaN is not a number"),
        (WINDOW.replace("0.0012", "12"), 2, "looks like percent"),
        (WINDOW.replace("hyperliquid", "binanceusdm").replace('"BTC"', '"DOGEUSDT"'), 1, "maintenance_margin"),
    ],
)
def test_errors_go_to_the_talk_and_data_stays_empty(ask: Ask, stdin: str, code: int, says: str) -> None:
    found, out, err = ask("eval", "--format", "json", stdin=stdin)
    assert (found, out) == (code, "")
    assert says in err


def test_check_passes_fails_and_counts(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "examples.json"
    file.write_text(json.dumps([GOOD]), encoding="utf-8")
    code, out, err = ask("check", str(file), "--format", "json")
    assert code == 0
    assert json.loads(out) == [
        {"id": "good", "status": "pass", "expected": {"hourly_rate": "0.0001875"}, "got": {"hourly_rate": "0.0001875"}, "reason": ""}
    ]
    assert "1 pass, 0 fail" in err
    file.write_text(json.dumps([GOOD, BAD]), encoding="utf-8")
    code, out, err = ask("check", str(file))
    assert code == 1
    assert "differs for hyperliquid" in out
    assert "1 pass, 1 fail" in err
    assert ask("check", "-", "--format", "json", stdin=json.dumps([BAD]))[0] == 1


def test_check_refuses_what_is_no_file_of_examples(ask: Ask, tmp_path: Path) -> None:
    assert ask("check", str(tmp_path / "absent.json"))[0] == 2
    assert "no such file" in ask("check", str(tmp_path / "absent.json"))[2]
    binary = tmp_path / "binary.json"
    binary.write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in ask("check", str(binary))[2]
    assert ask("check", "-", stdin="{}")[0] == 2


def test_list_holds_the_promised_columns(ask: Ask) -> None:
    code, out, _ = ask("list", "--format", "json")
    rows = json.loads(out)
    assert code == 0
    assert {"venue", "rule", "from", "to", "family", "status", "source"} <= set(rows[0])
    assert len(json.loads(ask("list", "Bybit", "--format", "json")[1])) == 2
    assert "bybit-2" in ask("list", "bybit")[1]


def test_show_prints_parts_sources_and_doubts(ask: Ask) -> None:
    code, out, _ = ask("show", "bitget", "--at", "2026-01-01")
    assert code == 0
    for text in ("the readings differ", "scaled, then limited (preferred)", "8 [library]", "not known", "sources", "needs cap"):
        assert text in out
    assert max(len(line) for line in out.split("\n")) <= 120
    assert "No rule is in force any more" in ask("show", "ftx")[1]
    rows = json.loads(ask("show", "okx", "--at", "2020-01-01", "--format", "json")[1])
    assert {row["rule"] for row in rows} == {"okx-1"}
    assert {"part", "name", "value", "source", "unknown"} <= set(rows[0])


def test_explain_tells_a_story(ask: Ask, tmp_path: Path) -> None:
    code, out, _ = ask("explain", "hl", "BTC", "--premium", "0.0002")
    assert code == 0
    assert "pulled all the way" in out
    assert len(out.split("\n")) <= 25
    file = tmp_path / "window.json"
    file.write_text(WINDOW, encoding="utf-8")
    assert "+0.00875 %" in ask("explain", "hl", "BTC", "--window", str(file))[1]
    assert ask("explain", "hl", "BTC", "--window", str(file), "--premium", "0.1")[0] == 2
    assert "looks" in ask("explain", "hl")[1]
    given = ask("explain", "bitget", "--at", "2025-01-01", "--premium", "-0.01", "--give", "cap=0.003")
    assert "floor hit" in given[1]
    assert ask("explain", "bitget", "--premium", "0.01", "--give", "cap")[0] == 2
    assert ask("explain", "bitget", "--premium", "0.01", "--give", "cap=inf")[0] == 2


def test_diff_compares_dates_and_venues(ask: Ask) -> None:
    code, out, _ = ask("diff", "bybit@2021-01-01", "bybit@2026-01-01", "--format", "json")
    assert code == 0
    changed = {(row["part"], row["name"]): (row["before"], row["after"]) for row in json.loads(out)}
    assert ("reduce", "kind") in changed
    assert ask("diff", "bybit", "--from", "2021-01-01", "--to", "2026-01-01", "--format", "json")[1] == out
    assert json.loads(ask("diff", "bybit", "bybit", "--format", "json")[1]) == []
    assert ask("diff", "bybit")[0] == 2
    assert ask("diff", "bybit", "okx", "--from", "2021-01-01")[0] == 2
    assert ask("diff", "coinbase", "okx")[0] == 2


@pytest.mark.parametrize(
    "tokens", [["unheard"], ["show"], ["show", "bybit", "--format", "xml"], ["show", "bybit", "--at", "soon"], ["eval", "a", "b"]]
)
def test_misuse(ask: Ask, tokens: list[str]) -> None:
    code, out, err = ask(*tokens)
    assert (code, out) == (2, "")
    assert err
