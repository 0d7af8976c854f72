"""Is a file known by its content, and a damaged one refused in its own words?"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from perpscope.errors import SourceError
from perpscope.sources import Refused, read_file
from tests.unit.sources.samples import BYBIT, bars, entry, funding, lines, only, parquet, read, reasons, text

HEAD = "ts,symbol,funding_rate,interval_hours\n"
ROWS = [f"2024-01-0{day}T08:00:00Z,BTCUSDT,0.0001{day}0,8" for day in range(1, 6)]
CSV = HEAD + "".join(row + "\n" for row in ROWS)


def rates(path: Path) -> list[float]:
    return only(read(path, **BYBIT)).frame["funding_rate"].to_list()


def as_json(frame: pl.DataFrame) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(frame.write_json())
    return found


WRITERS: dict[str, Callable[[Path, pl.DataFrame], object]] = {
    "parquet": lambda path, frame: frame.write_parquet(path),
    "csv": lambda path, frame: frame.write_csv(path),
    "csv with a mark": lambda path, frame: path.write_bytes(b"\xef\xbb\xbf" + frame.write_csv().encode()),
    "csv, quoted": lambda path, frame: frame.write_csv(path, quote_style="always"),
    "csv, semicolons, other line ends": lambda path, frame: frame.write_csv(path, separator=";", line_terminator="\r\n"),
    "csv in gzip": lambda path, frame: path.write_bytes(gzip.compress(frame.write_csv().encode())),
    "csv in zip": lambda path, frame: _zip(path, {"a.csv": frame.write_csv().encode()}),
    "json": lambda path, frame: path.write_text(json.dumps(as_json(frame), indent=1)),
    "json lines": lambda path, frame: path.write_text("".join(json.dumps(row) + "\n" for row in as_json(frame))),
    "json lines in gzip": lambda path, frame: path.write_bytes(
        gzip.compress("\n".join(json.dumps(row) for row in as_json(frame)).encode())
    ),
}


def _zip(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@pytest.mark.parametrize("kind", WRITERS)
def test_every_format_says_the_same(tmp_path: Path, kind: str) -> None:
    frame = funding(5, funding_rate=[0.0001, -2.5e-05, 0.000123456789, 0.0, 0.00375])
    path = tmp_path / "data"
    WRITERS[kind](path, frame)
    expected = only(read(parquet(tmp_path, frame, "same.parquet"), **BYBIT)).frame
    assert only(read(path, **BYBIT)).frame.equals(expected)


@pytest.mark.parametrize("kind", ["parquet", "csv in gzip", "csv in zip", "json"])
@pytest.mark.parametrize("left", [0.3, 0.9])
def test_a_file_that_was_cut_off_is_refused_whole(tmp_path: Path, kind: str, left: float) -> None:
    path = tmp_path / "data"
    WRITERS[kind](path, funding(50))
    data = path.read_bytes()
    path.write_bytes(data[: round(len(data) * left)])
    with pytest.raises(SourceError, match=r"cut off|damaged|not a whole|no end"):
        read(path, **BYBIT)


def test_an_empty_file_and_one_without_rows_are_refused(tmp_path: Path) -> None:
    for content in ("", " \n"):
        with pytest.raises(SourceError, match=r"empty|nothing in it"):
            read(text(tmp_path, content), **BYBIT)
    (tmp_path / "data").write_bytes(gzip.compress(b""))
    with pytest.raises(SourceError, match="nothing in it"):
        read(tmp_path / "data", **BYBIT)
    for path in (text(tmp_path, HEAD), parquet(tmp_path, funding(3).clear())):
        with pytest.raises(Refused, match="no rows"):
            read(path, **BYBIT)
    with pytest.raises(Refused, match="no message"):
        read(text(tmp_path, "[]", "data.json"), **BYBIT)


@pytest.mark.parametrize("cut", range(1, len(ROWS[-1])))
def test_a_cut_line_never_becomes_a_wrong_number(tmp_path: Path, cut: int) -> None:
    """Whatever is lost of the last line, either the row is rejected or its rate is the whole one."""
    reading = read(text(tmp_path, CSV.rstrip("\n")[: -cut or None]), **BYBIT)
    part = only(reading)
    assert part.frame.height == 4
    assert reading.rejected.rows() == [(5, "the last line has no end and is cut off")]


def test_a_whole_last_line_without_its_break_is_taken_with_a_remark(tmp_path: Path) -> None:
    reading = read(text(tmp_path, CSV.rstrip("\n")), **BYBIT)
    assert only(reading).frame.height == 5
    assert reading.notes == ("the last line has no line break at its end",)


def test_a_cut_last_value_is_known_by_its_length(tmp_path: Path) -> None:
    turned = (
        "symbol,ts,interval_hours,funding_rate\n"
        + "".join(f"BTCUSDT,2024-01-0{d}T08:00:00Z,8,0.00010000\n" for d in (1, 2))
        + "BTCUSDT,2024-01-03T08:00:00Z,8,0.0001"
    )
    reading = read(text(tmp_path, turned), **BYBIT)
    assert (only(reading).frame.height, reading.rejected.height) == (2, 1)


def test_a_cut_json_line_is_rejected_and_the_lines_before_kept(tmp_path: Path) -> None:
    whole = lines(tmp_path, *as_json(funding(3))).read_text()
    reading = read(text(tmp_path, whole[:-20], "cut.jsonl"), **BYBIT)
    assert only(reading).frame["row"].to_list() == [1, 2]
    assert reading.rejected.rows() == [(3, "the last line has no end and is cut off")]


def test_a_damaged_json_line_is_rejected_by_its_line(tmp_path: Path) -> None:
    listed = lines(tmp_path, *as_json(funding(4))).read_text().splitlines()
    reading = read(text(tmp_path, "\n".join([listed[0], listed[1][:30], *listed[2:], ""]), "bad.jsonl"), **BYBIT)
    assert only(reading).frame["row"].to_list() == [1, 3, 4]
    assert reading.rejected.rows() == [(2, "not JSON")]


@pytest.mark.parametrize("at", [12, 80])
def test_bytes_that_are_no_text_spoil_their_line_only(tmp_path: Path, at: int) -> None:
    data = lines(tmp_path, *as_json(funding(4))).read_bytes()
    (tmp_path / "data").write_bytes(data[:at] + b"\xd5" + data[at + 1 :])
    reading = read(tmp_path / "data", **BYBIT)
    kept = only(reading).frame.height
    assert kept >= 2
    assert kept + only(reading).rejected.height + reading.rejected.height == 4


def test_more_values_than_columns_refuse_the_table(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not a table of values"):
        read(text(tmp_path, CSV + "2024-01-06T08:00:00Z,BTCUSDT,0.0001,8,9,9\n"), **BYBIT)


def test_a_table_without_a_head_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="first line is data"):
        read(text(tmp_path, "1704067200000,42000.1,42100.0,41900.5,42050.0,12.5\n" * 3), **BYBIT)


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"\xff\xfea\0b\0", "UTF-16"), (b"\x89PNG\r\n\x1a\n\0\0\0", "binary"), (b"ts,symbol\n\xe9t\xe9,1\n", "not a table|UTF-8")],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "data").write_bytes(data)
    with pytest.raises(SourceError, match=words):
        read(tmp_path / "data", **BYBIT)


def test_an_archive_of_several_files_is_refused(tmp_path: Path) -> None:
    _zip(tmp_path / "data", {"a.csv": CSV.encode(), "b.csv": CSV.encode()})
    with pytest.raises(SourceError, match="archive of 2 files"):
        read(tmp_path / "data", **BYBIT)


def test_wrong_columns_are_named_with_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="also needs funding_rate") as caught:
        read(parquet(tmp_path, funding(3).rename({"funding_rate": "fr"})), **BYBIT)
    assert "fr" in caught.value.do
    assert caught.value.rows == 3
    with pytest.raises(Refused, match="no table has these columns; velocity_events needs"):
        read(parquet(tmp_path, pl.DataFrame({"name": ["a"], "colour": ["b"]})))
    with pytest.raises(Refused, match="as prices: its columns lack close"):
        read(parquet(tmp_path, funding(3)), table="prices")


def test_columns_are_known_by_many_spellings_and_by_the_mapping(tmp_path: Path) -> None:
    frame = funding(2).rename(
        {"ts": "fundingTime", "symbol": "instId", "funding_rate": "fundingRate", "interval_hours": "fundingIntervalHours"}
    )
    assert only(read(parquet(tmp_path, frame), **BYBIT)).frame.height == 2
    odd = funding(2).rename({"ts": "when", "funding_rate": "fr"})
    assert only(read(parquet(tmp_path, odd), **BYBIT, columns="when -> ts, fr -> funding_rate")).frame.height == 2
    with pytest.raises(SourceError, match="the columns wen of the mapping"):
        read(parquet(tmp_path, odd), **BYBIT, columns={"wen": "ts"})


def test_of_two_columns_for_one_word_the_better_is_taken_and_the_other_named(tmp_path: Path) -> None:
    frame = funding(2).rename({"funding_rate": "fundingRate"}).with_columns(pl.Series("relativeFundingRate", [0.0002, 0.0003]))
    reading = read(parquet(tmp_path, frame), **BYBIT)
    assert only(reading).frame["funding_rate"].to_list() == [0.0002, 0.0003]
    assert reading.notes == ("not kept: fundingRate",)


def test_a_market_in_the_mapping_chooses_between_tables_of_like_columns(tmp_path: Path) -> None:
    path = parquet(tmp_path, bars(2).select("ts", "close"))
    told = {"venue": "cme", "symbol": "BTC1!", "close_at": "unstated", "bar": "1d", "price": "trade"}
    assert [only(read(path, **told, market=market)).table.name for market in ("dated", "spot")] == ["dated_futures", "prices"]


def test_a_table_of_our_own_comes_back_as_it_was(tmp_path: Path) -> None:
    frame = only(read(parquet(tmp_path, funding(3)), **BYBIT)).frame
    again = only(read_file(parquet(tmp_path, frame.drop("row"), "again.parquet"), entry()))
    assert again.frame.equals(frame)
    assert reasons(again) == []


def test_the_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    import hashlib

    path = text(tmp_path, CSV)
    assert read(path, **BYBIT).sha256 == hashlib.sha256(io.FileIO(path).readall()).hexdigest()
