"""Is every row of every file counted once, and none stored half?"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.collect import Imported, import_paths
from perpscope.collect.ends import Ends
from perpscope.collect.model import Sink
from perpscope.errors import InputError, StoreError
from perpscope.market.table import DATED_FUTURES, FUNDING, TABLES, Table
from perpscope.market.time import FOREVER
from perpscope.store import Source, Store, Written
from tests.unit.collect.memory import Memory
from tests.unit.sources.samples import HOUR, START, funding, lines, parquet, text

MAPPING = '[[file]]\nname = "*"\nfacts = { venue = "bybit", market = "linear" }\n'


def store_in(folder: Path) -> Store:
    return Store.open(folder / "a store", create=True)


SINKS: dict[str, Callable[[Path], Sink]] = {"memory": lambda folder: Memory(), "store": store_in}  # noqa: ARG005 - one of two needs it


def data(tmp_path: Path, mapping: str = MAPPING) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(exist_ok=True)
    text(folder, mapping, "import.toml")
    return folder


def counts(imported: list[Imported]) -> list[tuple[str, str, int, int, int, int]]:
    return [(Path(each.file).name, each.table, each.rows, each.added, each.present, each.rejected) for each in imported]


def dead(*spans: tuple[int, int]) -> Ends:
    def ends(venue: str, market_list: str, native_id: str) -> tuple[tuple[int, int], ...]:
        return spans if (venue, market_list, native_id) == ("bybit", "", "BTCUSDT") else ()

    return ends


@pytest.mark.parametrize("kind", SINKS)
def test_a_second_import_adds_nothing(tmp_path: Path, kind: str) -> None:
    folder, sink = data(tmp_path), SINKS[kind](tmp_path)
    parquet(folder, funding(10, interval_hours=[8.0] * 9 + [None]), "a.parquet")
    text(folder, funding(5, symbol=["ETHUSDT"] * 5).write_csv(), "b.csv")
    assert counts(import_paths(sink, [folder])) == [("a.parquet", "funding", 10, 9, 0, 1), ("b.csv", "funding", 5, 5, 0, 0)]
    assert counts(import_paths(sink, [folder])) == [("a.parquet", "funding", 10, 0, 9, 1), ("b.csv", "funding", 5, 0, 5, 0)]


def test_rejected_rows_are_listed_by_reason_with_the_first_place(tmp_path: Path) -> None:
    folder = data(tmp_path)
    path = parquet(folder, funding(6, funding_rate=[0.0001, 2.0, 3.0, 0.0001, None, 0.0001]))
    (done,) = import_paths(Memory(), [path])
    assert done.reason == "2 rows rejected: funding_rate is above 1 (first at row 2); 1 row rejected: funding_rate is missing (row 5)"


@pytest.mark.parametrize("kind", SINKS)
def test_repeated_rows_are_present_and_contradicting_ones_rejected(tmp_path: Path, kind: str) -> None:
    frame = funding(4)
    torn = frame.slice(1, 1).with_columns(pl.lit(0.0005).alias("funding_rate"))
    path = parquet(data(tmp_path), pl.concat([frame.reverse(), frame.head(1), torn]))
    (done,) = import_paths(SINKS[kind](tmp_path), [path])
    assert counts([done]) == [("data.parquet", "funding", 6, 3, 1, 2)]
    assert done.reason.startswith("2 rows rejected")
    assert "first at row 3" in done.reason


@pytest.mark.parametrize("kind", SINKS)
def test_a_row_of_a_wide_file_counts_once(tmp_path: Path, kind: str) -> None:
    frame = pl.DataFrame(
        {"venue": ["cme"] * 4, "date": [date(2024, 1, d) for d in (1, 2, 3, 4)], "f1": [1.0, 2.0, None, 4.0], "f2": [3.0, None, None, -4.0]}
    )
    told = 'table = "dated_futures", market = "dated", close_at = "unstated", columns = "f1 -> BTC1!, f2 -> BTC2!"'
    folder, sink = data(tmp_path, f'[[file]]\nname = "*"\nfacts = {{ {told} }}\n'), SINKS[kind](tmp_path)
    path = parquet(folder, frame)
    assert counts(import_paths(sink, [path])) == [("data.parquet", "dated_futures", 4, 3, 0, 1)]
    assert counts(import_paths(sink, [path])) == [("data.parquet", "dated_futures", 4, 0, 3, 1)]
    if isinstance(sink, Store):
        assert sink.read(DATED_FUTURES).height == 4


def test_a_file_may_feed_several_tables(tmp_path: Path) -> None:
    top = {"e": "bookTicker", "u": 1, "s": "BTCUSDT", "b": "1", "B": "1", "a": "2", "A": "1", "T": START, "E": START}
    mark = {"e": "markPriceUpdate", "E": START, "s": "BTCUSDT", "p": "100", "i": "99", "r": "0.0003", "T": START + HOUR}
    path = lines(tmp_path, top, {**top, "u": 2}, mark, {"e": "aggTrade", "s": "BTCUSDT"})
    done = import_paths(Memory(), [path])
    assert counts(done) == [("data.jsonl", "book_messages", 3, 2, 0, 1), ("data.jsonl", "contexts", 1, 1, 0, 0)]
    assert done[0].reason == "1 line rejected: sums of trades and forced orders are not kept (line 4)"


def test_a_refused_file_is_a_line_with_its_reason_and_the_others_go_on(tmp_path: Path) -> None:
    folder, sink = data(tmp_path), Memory()
    parquet(folder, funding(3).drop("interval_hours"), "a.parquet")
    text(folder, "", "b.csv")
    (folder / "c.png").write_bytes(b"\x89PNG\0")
    parquet(folder, funding(3), "d.parquet")
    done = import_paths(sink, [folder])
    assert counts(done) == [
        ("a.parquet", "", 3, 0, 0, 3),
        ("b.csv", "", 0, 0, 0, 0),
        ("c.png", "", 0, 0, 0, 0),
        ("d.parquet", "funding", 3, 3, 0, 0),
    ]
    assert [word in each.reason for each, word in zip(done, ("interval_hours", "empty", "binary", ""), strict=True)] == [True] * 4
    assert sink.rows["funding"].height == 3


def test_nothing_of_a_refused_file_is_written(tmp_path: Path) -> None:
    """Times without a zone in the last case only: rows of the first case were fine."""
    mapping = (
        '[[file]]\nname = "*"\nfacts = { market = "linear" }\nmap = [ { when = { symbol = "A_USDT" }, facts = { venue = "gate" } } ]\n'
    )
    frame = funding(4, symbol=["A_USDT", "A_USDT", "B_USDT", "A_USDT"])
    sink = Memory()
    (done,) = import_paths(sink, [parquet(data(tmp_path, mapping), frame)])
    assert "venue" in done.reason
    assert sink.rows == {}


def test_a_disk_that_refuses_ends_the_import_with_its_words(tmp_path: Path) -> None:
    class Full(Memory):
        def write(self, table: Table, frame: pl.DataFrame, source: Source) -> Written:
            del table, frame, source
            raise StoreError("to write", "the disk is full", "Free some space.")

    with pytest.raises(StoreError, match="the disk is full"):
        import_paths(Full(), [parquet(data(tmp_path), funding(3))])


def test_folders_are_walked_and_what_is_no_data_is_passed_over(tmp_path: Path) -> None:
    folder = data(tmp_path)
    (folder / "sub" / ".hidden").mkdir(parents=True)
    for name in ("z.parquet", "a.parquet"):
        parquet(folder, funding(2), name)
    shutil.copy(folder / "import.toml", folder / "sub")
    parquet(folder / "sub", funding(2, symbol=["ETHUSDT"] * 2), "b.parquet")
    for name in ("README.md", "LICENSE", "sub/readme.txt", "sub/.hidden/c.parquet", ".d.csv"):
        (folder / name).write_text("about")
    seen: list[tuple[int, int, str]] = []
    done = import_paths(Memory(), [folder, folder / "a.parquet"], progress=lambda place, of, path: seen.append((place, of, path.name)))
    assert [Path(each.file).relative_to(folder).as_posix() for each in done] == ["a.parquet", "sub/b.parquet", "z.parquet"]
    assert seen == [(0, 3, "a.parquet"), (1, 3, "b.parquet"), (2, 3, "z.parquet")]


def test_a_chosen_mapping_speaks_for_all_files(tmp_path: Path) -> None:
    path = parquet(tmp_path, funding(2))
    chosen = text(tmp_path, MAPPING, "elsewhere.toml")
    assert counts(import_paths(Memory(), [tmp_path], chosen)) == [("data.parquet", "funding", 2, 2, 0, 0)]
    with pytest.raises(InputError, match=r"other\.toml"):
        import_paths(Memory(), [path], text(tmp_path, "x = 1", "other.toml"))


def test_a_wrong_mapping_beside_the_data_refuses_its_files(tmp_path: Path) -> None:
    folder = data(tmp_path, '[[file]]\nname = "*"\nfacts = { marke = "linear" }\n')
    parquet(folder, funding(2))
    (done,) = import_paths(Memory(), [folder])
    assert (done.added, "'marke'" in done.reason) == (0, True)


def test_a_path_that_is_not_there_is_misuse(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or folder"):
        import_paths(Memory(), [tmp_path / "nowhere"])


def test_a_source_is_its_content_and_what_changes_its_meaning(tmp_path: Path) -> None:
    folder, sink = data(tmp_path), Memory()
    path = parquet(folder, funding(2))
    shutil.copy(path, folder / "copy.parquet")
    assert [each.added for each in import_paths(sink, [folder])] == [2, 0]
    text(folder, MAPPING.replace('"linear"', '"linear", licence = "MIT", precedence = 2, source = "mine"'), "import.toml")
    assert [each.added for each in import_paths(sink, [path])] == [0]
    assert (sink.sources[-1].licence, sink.sources[-1].precedence, sink.sources[-1].name) == ("MIT", 2, "mine")
    text(folder, MAPPING.replace('"linear"', '"linear", rate_unit = "bp"'), "import.toml")
    assert [each.added for each in import_paths(sink, [path])] == [2]
    assert len({source.id for source in sink.sources}) == 2


def test_short_floats_are_told_to_the_store(tmp_path: Path) -> None:
    sink = Memory()
    import_paths(sink, [parquet(data(tmp_path), funding(2).with_columns(pl.col("funding_rate").cast(pl.Float32)))])
    assert sink.sources[0].facts["precision"] == "float32"


@pytest.mark.parametrize("kind", SINKS)
def test_rows_after_the_end_of_a_contract_are_rejected(tmp_path: Path, kind: str) -> None:
    folder, sink = data(tmp_path), SINKS[kind](tmp_path)
    path = parquet(folder, funding(4))
    (done,) = import_paths(sink, [path], ends=dead((START + 8 * HOUR, FOREVER)))
    assert counts([done]) == [("data.parquet", "funding", 4, 2, 0, 2)]
    assert done.reason == "2 rows rejected: BTCUSDT on bybit had ended at 2024-01-01T08:00:00Z (first at row 3)"


def test_a_ticker_that_was_listed_again_lives_again(tmp_path: Path) -> None:
    path = parquet(data(tmp_path), funding(6))
    (done,) = import_paths(Memory(), [path], ends=dead((START + 8 * HOUR, START + 32 * HOUR)))
    assert (done.added, done.rejected) == (4, 2)


def test_dated_contracts_end_with_the_date_in_their_id(tmp_path: Path) -> None:
    top = {"e": "bookTicker", "u": 1, "s": "BTCUSD_240102", "b": "1", "B": "1", "a": "2", "A": "1", "E": START}
    path = lines(tmp_path, {**top, "T": START}, {**top, "T": START + 49 * HOUR})
    (done,) = import_paths(Memory(), [path])
    assert (done.added, done.rejected) == (1, 1)
    assert "BTCUSD_240102 on binancecoinm had ended at 2024-01-03T00:00:00Z" in done.reason


def test_a_life_stated_by_a_mapping_is_believed_and_remembered(tmp_path: Path) -> None:
    mapping = MAPPING.replace('"linear"', '"linear", listed = "2024-01-01T08:00:00Z", ended = "2024-01-02T00:00:00Z"')
    folder, store = data(tmp_path, mapping), store_in(tmp_path)
    first = parquet(folder, funding(6), "first.parquet")
    (done,) = import_paths(store, [first])
    assert counts([done]) == [("first.parquet", "funding", 6, 3, 0, 3)]
    assert "was not listed before 2024-01-01T08:00:00Z" in done.reason
    elsewhere = tmp_path / "other"
    elsewhere.mkdir()
    text(elsewhere, MAPPING, "import.toml")
    (later,) = import_paths(store, [parquet(elsewhere, funding(6, funding_rate=[0.0002] * 6))])
    assert (later.rejected, "had ended at 2024-01-02" in later.reason) == (2, True)


def test_counts_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(AssertionError, match="5 rows are not 1 \\+ 2 \\+ 3"):
        Imported("a", "funding", 5, 1, 2, 3)


@given(
    rates=st.lists(st.sampled_from([0.0001, 0.0002, None, float("nan"), 5.0]), min_size=1, max_size=30),
    places=st.lists(st.integers(0, 6), min_size=30, max_size=30),
)
@settings(max_examples=60)
def test_every_row_is_counted_whatever_is_in_the_file(
    tmp_path_factory: pytest.TempPathFactory, rates: list[float | None], places: list[int]
) -> None:
    folder = data(tmp_path_factory.mktemp("law"))
    n = len(rates)
    frame = funding(n, funding_rate=rates, ts=[START + 8 * HOUR * place for place in places[:n]])
    sink = Memory()
    path = parquet(folder, frame)
    (first,), (second,) = import_paths(sink, [path]), import_paths(sink, [path])
    assert first.rows == second.rows == n
    assert (second.added, second.rejected) == (0, first.rejected)
    assert sink.rows.get("funding", FUNDING.empty()).height == first.added


@pytest.mark.needs_shared
def test_all_of_the_real_data_is_imported_once(shared: Path, tmp_path: Path) -> None:
    store = store_in(tmp_path)
    first = import_paths(store, [shared / "data"])
    assert len(first) == 19
    assert sum(each.rows for each in first) == 1_108_269
    assert [(Path(each.file).name, each.rejected, each.reason) for each in first if each.rejected] == [
        ("funding_cross_section_2025_2026.parquet", 1, "1 row rejected: interval_hours is missing (row 48135)")
    ]
    assert [(each.rows, each.added) for each in first if "f1_f2" in each.file] == [(722, 722)]
    again = import_paths(store, [shared / "data"])
    assert [(each.rows, each.rejected, each.added) for each in again] == [(each.rows, each.rejected, 0) for each in first]
    repeated = {
        name: store.read(TABLES[name], current=False).height - store.read(TABLES[name]).height
        for name in ("funding", "prices", "dated_futures")
    }
    assert repeated == {"funding": 2_192 + 2_190, "prices": 63_946 + 3_284, "dated_futures": 704}


@pytest.mark.needs_shared
def test_without_its_mapping_no_ambiguous_file_is_stored(shared: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for path in (shared / "data").glob("*.parquet"):
        (bare / path.name).symlink_to(path)
    sink = Memory()
    done = {Path(each.file).stem: each for each in import_paths(sink, [bare])}
    assert sink.rows == {}
    for name, facts in {
        "spot_1h_binance_btc_eth_2017_2025": ("market", "venue", "bar", "stamp", "price"),
        "perp_1h_binance_usdm_btc_eth_2020_2024": ("market", "venue", "bar", "stamp", "price"),
        "funding_synthetix_v3_base_events_2024": ("market", "rate_unit"),
        "funding_binance_usdm_btc_eth": ("market", "venue"),
        "funding_deribit_btc_hourly": ("market", "accrual", "rate_is"),
        "funding_hyperliquid_btc_eth_hourly_premium": ("market", "premium_is"),
    }.items():
        said = done[name].reason
        assert [fact for fact in facts if fact not in said] == []
        assert done[name].rejected == done[name].rows > 0
