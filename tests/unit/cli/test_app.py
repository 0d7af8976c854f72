"""Do the verbs keep their contract: data on standard output, talk on standard error, exit 0 fine, 1 a finding, 2 misuse?"""

from __future__ import annotations

import json
import runpy
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from perpscope.cli.app import FINDING, FINE, MISUSE, run

pytestmark = pytest.mark.xdist_group("main job")  # one worker fills a store once

MAPPING = '[[file]]\nname = "rates.csv"\nfacts = { table = "funding", venue = "binanceusdm", market = "linear" }\n'


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that the main job has filled and reported on."""
    store = tmp_path_factory.mktemp("main") / "store"
    assert run(["--store", str(store), "--no-open"]) == FINE
    return store


@pytest.fixture
def filled(made_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made_once, tmp_path / "store"))


@pytest.fixture
def rates(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    folder.mkdir()
    stamps = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=8 * k) for k in range(300)]
    rows = [f"BTCUSDT,{stamp:%Y-%m-%dT%H:%M:%SZ},{0.0001 if k % 3 else 0.0001 + k * 1e-7:.8f},8" for k, stamp in enumerate(stamps)]
    (folder / "rates.csv").write_text("\n".join(["symbol,ts,funding_rate,interval_hours", *rows, ""]))
    (folder / "import.toml").write_text(MAPPING)
    return folder


def test_the_main_job_fills_an_empty_store_and_says_synthetic(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--no-open", "--store", str(tmp_path / "new")]) == FINE
    said = capsys.readouterr()
    assert "SYNTHETIC" in said.err
    assert said.out == ""
    page = (tmp_path / "new" / "perpscope-report.html").read_text(encoding="utf-8")
    assert page.count("SYNTHETIC") > 10
    assert not list((tmp_path / "new").glob("*.part"))


def test_every_fixing_of_the_generated_history_is_recomputed(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["--store", str(filled), "board", "--format", "json"]) == FINE
    contracts = json.loads(capsys.readouterr().out)
    assert len(contracts) == 10
    assert all(row["synthetic"] for row in contracts)
    for row in contracts:
        assert run(["--store", str(filled), "audit", row["venue"], row["symbol"], "--format", "json"]) == FINE
        found = json.loads(capsys.readouterr().out)
        assert found["rows"] == found["recomputed"] == found["matched"] == row["n"] > 0


def test_real_rows_push_the_generated_ones_out_of_sight(filled: Path, rates: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--store", str(filled), "data", "import", str(rates)]) == FINE
    assert run(["--store", str(filled), "--no-open"]) == FINE
    assert "SYNTHETIC" not in (filled / "perpscope-report.html").read_text(encoding="utf-8").split("<body", 1)[1].split("Method", 1)[0]
    capsys.readouterr()
    assert run(["--store", str(filled), "board", "--format", "json"]) == FINE
    assert [row["venue"] for row in json.loads(capsys.readouterr().out)] == ["binanceusdm"]


def test_import_counts_every_row_and_the_second_adds_nothing(tmp_path: Path, rates: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = str(tmp_path / "s")
    for added, present in ((300, 0), (0, 300)):
        assert run(["--store", store, "data", "import", str(rates), "--format", "json"]) == FINE
        (row,) = json.loads(capsys.readouterr().out)
        assert (row["table"], row["rows"], row["added"], row["present"], row["rejected"]) == ("funding", 300, added, present, 0)


def test_a_refused_file_is_a_finding(tmp_path: Path, rates: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (rates / "import.toml").unlink()
    assert run(["--store", str(tmp_path / "s"), "data", "import", str(rates), "--format", "json"]) == FINDING
    (row,) = json.loads(capsys.readouterr().out)
    assert row["rejected"] == row["rows"] == 300
    assert "market" in row["reason"]


def test_check_finds_a_planted_hole_and_report_shows_it(tmp_path: Path, rates: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = rates / "rates.csv"
    lines = file.read_text().splitlines()
    file.write_text("\n".join(lines[:100] + lines[103:]) + "\n")
    store = str(tmp_path / "s")
    run(["--store", store, "data", "import", str(rates)])
    capsys.readouterr()
    assert run(["--store", store, "data", "check", "--format", "json"]) == FINDING
    found = json.loads(capsys.readouterr().out)
    assert [(p["kind"], p["from"]) for p in found["problems"]] == [("gap", "2024-02-02T16:00:00Z")]
    assert found["tables"][0]["rows"] == 297
    out = tmp_path / "r.html"
    assert run(["--store", store, "report", "--out", str(out)]) == FINE
    assert "2024-02-02" in out.read_text(encoding="utf-8")


def test_sources_tell_the_licence(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["--store", str(filled), "data", "sources", "--format", "csv"]) == FINE
    frame = pl.read_csv(capsys.readouterr().out.encode())
    assert frame["licence"].to_list() == ["no rights reserved: generated by the program"]


@pytest.mark.parametrize(
    ("tokens", "said"),
    [
        (["nonsense"], "nonsense"),
        (["board", "--format", "xml"], "xml"),
        (["audit", "nowhere", "BTC"], "nowhere"),
        (["data", "import", "no-such-file.csv"], "no-such-file.csv"),
    ],
)
def test_misuse_is_2_and_names_what_is_wrong(tokens: list[str], said: str, filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["--store", str(filled), *tokens]) == MISUSE
    heard = capsys.readouterr()
    assert heard.out == ""
    assert said in heard.err
    assert "Traceback" not in heard.err


def test_a_store_that_is_not_there_is_misuse_and_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--store", str(tmp_path / "none"), "board"]) == MISUSE
    assert "no such folder" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_a_report_that_cannot_be_written_says_so(filled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--store", str(filled), "report", "--out", str(tmp_path / "no" / "such" / "folder.html")]) == MISUSE
    assert "--out" in capsys.readouterr().err


def test_a_contract_the_store_does_not_hold_is_a_finding(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--store", str(filled), "audit", "bybit", "DOGEUSDT"]) == FINDING
    assert "Import" in capsys.readouterr().err


def test_the_package_runs_as_the_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["perpscope", "apr", "--profit", "1", "--capital", "100", "--days", "365"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("perpscope", run_name="__main__", alter_sys=False)
    assert ended.value.code == 0
    assert capsys.readouterr().out
