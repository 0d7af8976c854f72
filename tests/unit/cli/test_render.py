"""Does data leave whole: one JSON list, one CSV, a table that fits, and never a NaN?"""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from fractions import Fraction

import pytest

from perpscope.cli.render import cell, plain, render, write_certificate

ROWS: list[dict[str, object]] = [
    {"a": 1, "b": float("nan"), "c": {"x": [1, 2]}, "d": "one, two"},
    {"a": 0.1, "b": float("inf"), "e": None, "d": 'say "so"'},
]


def test_json_is_a_list_of_objects_without_nan(capsys: pytest.CaptureFixture[str]) -> None:
    render(ROWS, "json")
    found = json.loads(capsys.readouterr().out)
    assert found == [{"a": 1, "b": None, "c": {"x": [1, 2]}, "d": "one, two"}, {"a": 0.1, "b": None, "e": None, "d": 'say "so"'}]
    render([], "json")
    assert json.loads(capsys.readouterr().out) == []


def test_one_thing_is_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    render({"a": {"b": 1}, "c": ()}, "json")
    assert json.loads(capsys.readouterr().out) == {"a": {"b": 1}, "c": []}
    render({"a": {"b": 1}, "c": ()})
    table = capsys.readouterr().out
    assert "a.b" in table


def test_csv_reads_back(capsys: pytest.CaptureFixture[str]) -> None:
    render(ROWS, "csv")
    first, second = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert first == {"a": "1", "b": "", "c": '{"x": [1, 2]}', "d": "one, two", "e": ""}
    assert second["d"] == 'say "so"'
    render([], "csv")
    assert capsys.readouterr().out == "\n"


def test_a_table_shows_the_columns_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    render(ROWS, columns=("d", "a"), title="T")
    out = capsys.readouterr().out
    assert out.index(" d ") < out.index(" a ")
    assert "one, two" in out
    assert "b" not in out.replace("table", "")
    assert "[" not in out
    assert max(len(line) for line in out.split("\n")) <= 160


def test_a_terminal_too_narrow_for_the_words_of_a_table_gets_each_row_as_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"leg": "binanceusdm:BTC/USDT:USDT", "money": 1_234_567.5, "why": ""}, {"leg": "short one", "money": 2, "why": "unknown"}]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    render(rows, title="costs")
    assert capsys.readouterr().out == (
        "costs\n\nleg    binanceusdm:BTC/USDT:USDT\nmoney  1234567.5\n\nleg    short one\nmoney  2\nwhy    unknown\n"
    )
    monkeypatch.setenv("COLUMNS", "60")
    render(rows, title="costs")
    assert "binanceusdm:BTC/USDT:USDT   1234567.5" in capsys.readouterr().out


def test_markup_in_data_is_data(capsys: pytest.CaptureFixture[str]) -> None:
    render([{"a": "[bold]not bold[/bold]"}])
    assert "[bold]not bold[/bold]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "reduced", "text"),
    [
        (Fraction(1, 8), 0.125, "0.125"),
        (datetime(2025, 1, 1, tzinfo=UTC), "2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        (float("-inf"), None, ""),
        (True, True, "True"),
        ((1, "a"), [1, "a"], "1, a"),
        ({"x": 1}, {"x": 1}, '{"x": 1}'),
        (1e-9, 1e-9, "1e-09"),
    ],
)
def test_values(value: object, reduced: object, text: str) -> None:
    assert plain(value) == reduced
    assert cell(value) == text


def test_generated_rows_are_called_so_beside_the_digest(capsys: pytest.CaptureFixture[str]) -> None:
    write_certificate({"digest": "ab", "complete": True, "synthetic": False})
    assert capsys.readouterr().out == "certificate ab, complete: True\n"
    write_certificate({"digest": "ab", "complete": True, "synthetic": True})
    assert "SYNTHETIC: rows behind this answer were generated" in capsys.readouterr().out


class Closed(io.StringIO):
    """A reader who has seen enough."""

    def write(self, text: str) -> int:  # noqa: ARG002 - of every stream
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_a_reader_who_has_seen_enough_is_no_finding(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", Closed())
    with pytest.raises(BrokenPipeError):  # which `app.run` takes for the end, exit 0
        render(ROWS, form)
