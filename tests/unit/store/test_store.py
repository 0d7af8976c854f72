"""Are rows kept once, whole, and given back as they were?"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from perpscope.errors import InputError, StoreError
from perpscope.market.table import BOOK_MESSAGES, CONTEXTS, FUNDING, PRICES
from perpscope.store import Source, Store, manifest
from perpscope.store.log import order
from perpscope.store.place import table_folder
from perpscope.store.snapshot import snapshot

if TYPE_CHECKING:
    from tests.unit.store.conftest import Clock, Named, Rows

HOUR = 3_600_000
START = 1_600_000_000_000 // (24 * HOUR) * (24 * HOUR)


def test_rows_come_back_as_they_went_in(store: Store, funding: Rows, source: Named) -> None:
    frame = funding([16, 0, 8], source(), mark_price_quote=101.5, premium_frac=None)
    written = store.write(FUNDING, frame, source())
    assert (written.added, written.present, written.conflicting.height) == (3, 0, 0)
    back = store.read(FUNDING)
    assert back.equals(frame.sort("ts"))
    assert dict(back.schema) == FUNDING.schema()


def test_a_second_import_adds_nothing(store: Store, funding: Rows, source: Named) -> None:
    frame = funding(range(0, 80, 8), source())
    store.write(FUNDING, frame, source())
    version = store.versions()["funding"]
    again = store.write(FUNDING, frame.reverse(), source())
    assert (again.added, again.present, again.conflicting.height) == (0, 10, 0)
    assert store.versions()["funding"] == version
    more = store.write(FUNDING, pl.concat([frame, funding([80], source())]), source())
    assert (more.added, more.present) == (1, 10)


def test_the_same_key_with_other_values_is_reported_and_never_stored_over(store: Store, funding: Rows, source: Named) -> None:
    frame = funding([0, 8, 16], source())
    store.write(FUNDING, frame, source())
    other = frame.with_columns(funding_rate=pl.when(pl.col("ts") == frame["ts"][1]).then(0.5).otherwise("funding_rate"))
    written = store.write(FUNDING, other, source())
    assert (written.added, written.present) == (0, 2)
    assert written.conflicting["reason"].to_list() == ["funding_rate differs from the stored row"]
    assert written.conflicting["funding_rate"].to_list() == [0.5]
    assert store.read(FUNDING).equals(frame)


def test_every_source_keeps_its_own_copy(store: Store, funding: Rows, source: Named) -> None:
    for name in "ab":
        assert store.write(FUNDING, funding([0, 8], source(name)), source(name)).added == 2
    assert store.read(FUNDING, current=False).height == 4
    assert store.read(FUNDING)["source"].unique().to_list() == [source("a").id]


def test_reading_narrows_by_name_and_half_open_time(store: Store, funding: Rows, source: Named) -> None:
    store.write(FUNDING, funding(range(0, 48, 8), source(), native_id="A", symbol="A/USDT:USDT"), source())
    store.write(FUNDING, funding(range(0, 48, 8), source("b"), native_id="B", symbol="B/USDT:USDT", market_list="xyz"), source("b"))
    assert store.read(FUNDING, symbol="B/USDT:USDT")["native_id"].unique().to_list() == ["B"]
    assert store.read(FUNDING, native_id="A", market_list="").height == 6
    assert store.read(FUNDING, market_list="xyz").height == 6
    assert store.read(FUNDING, venue="elsewhere").is_empty()
    some = store.read(FUNDING, native_id="A", start_ms=START + 8 * HOUR, end_ms=START + 24 * HOUR)
    assert some["ts"].dt.timestamp("ms").to_list() == [START + 8 * HOUR, START + 16 * HOUR]


def test_rows_are_sorted_by_who_and_when(store: Store, funding: Rows, source: Named) -> None:
    for name in ("C", "A", "B"):
        store.write(FUNDING, funding([16, 0, 8], source(name), native_id=name), source(name))
    rows = store.read(FUNDING)
    assert rows.equals(rows.sort(order(FUNDING)))
    assert rows["native_id"].to_list() == list("AAABBBCCC")


def test_a_store_without_rows_reads_as_empty(store: Store) -> None:
    assert store.tables() == []
    assert store.read(PRICES).is_empty()
    assert store.sources().is_empty()
    assert store.certificate().rows == 0


def test_lists_of_numbers_are_kept_and_compared(store: Store, source: Named) -> None:
    told = source("book", table="book_messages")
    frame = BOOK_MESSAGES.conform(
        pl.DataFrame(
            {
                "venue": "v",
                "native_id": "BTC",
                "symbol": "BTC/USDT:USDT",
                "market": "linear",
                "market_list": "",
                "ts": pl.Series([START, START, START]).cast(pl.Datetime("ms", "UTC")),
                "sequence": [1, 2, 3],
                "kind": ["snapshot", "change", "change"],
                "bid_prices": [[1.0, 0.5], [], None],
                "source": told.id,
            }
        )
    )
    assert store.write(BOOK_MESSAGES, frame, told).added == 3
    assert store.read(BOOK_MESSAGES).equals(frame)
    changed = frame.with_columns(bid_prices=pl.Series([[1.0, 0.6], [], None]))
    written = store.write(BOOK_MESSAGES, changed, told)
    assert (written.present, written.conflicting.height) == (2, 1)
    assert store.write(BOOK_MESSAGES, pl.concat([frame, frame]), told).present == 6
    assert store.certificate(frame).digest != store.certificate(changed).digest


@pytest.mark.parametrize("fault", ["nan", "foreign source", "other table", "unconformed"])
def test_rows_that_break_their_declaration_are_refused_whole(store: Store, funding: Rows, source: Named, fault: str) -> None:
    frame, told = funding([0, 8], source()), source()
    if fault == "nan":
        frame = frame.with_columns(funding_rate=pl.Series([0.1, float("nan")]))
    elif fault == "foreign source":
        frame = frame.with_columns(source=pl.lit("someone else"))
    elif fault == "other table":
        told = source(table="prices")
    else:
        frame = frame.drop("slot")
    with pytest.raises(InputError):
        store.write(FUNDING, frame, told)
    assert store.tables() == []
    assert store.sources().is_empty()


def test_a_kill_between_rows_and_manifest_is_repaired_by_a_second_import(
    store: Store, funding: Rows, source: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = funding([0, 8, 16], source())

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(manifest, "finish", killed)
        with pytest.raises(KeyboardInterrupt):
            store.write(FUNDING, frame, source())
    assert store.sources()["state"].to_list() == ["started"]
    assert store.read(FUNDING).equals(frame)
    assert not store.certificate(frame).complete
    again = store.write(FUNDING, frame, source())
    assert (again.added, again.present) == (0, 3)
    assert store.sources().select("state", "rows_stored").rows() == [("complete", 3)]
    assert store.registry.as_of(fact="interval_hours")["value"].unique().to_list() == [8.0]
    assert store.certificate(frame).complete


def test_a_lost_state_file_is_rebuilt_by_importing_again(store: Store, funding: Rows, source: Named) -> None:
    frame = funding([0, 8], source())
    store.write(FUNDING, frame, source())
    for each in store.folder.glob("state.sqlite*"):
        each.unlink()
    reopened = Store.open(store.folder, create=True)
    assert reopened.write(FUNDING, frame, source()).present == 2
    assert reopened.sources()["rows_stored"].to_list() == [2]


def test_another_writer_of_delta_that_knows_no_lock_loses_nothing(
    store: Store, funding: Rows, source: Named, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write(FUNDING, funding([0], source()), source())
    from deltalake import write_deltalake

    from perpscope.store import log

    folder = table_folder(store.folder, "funding")
    original, stranger = log.commit, funding([8], "stranger")
    meddled: list[int] = []

    def meddle(*arguments: Any) -> None:  # noqa: ANN401 - passed on as they come
        if not meddled:
            meddled.append(1)
            write_deltalake(str(folder), stranger, mode="append")
        original(*arguments)

    monkeypatch.setattr(log, "commit", meddle)
    assert store.write(FUNDING, funding([16], source()), source()).added == 1
    rows = store.read(FUNDING, current=False)
    assert rows["ts"].dt.timestamp("ms").to_list() == [START, START + 8 * HOUR, START + 16 * HOUR]
    assert len(list(folder.glob("*.parquet"))) == 3, "the beaten attempt left its file behind"


def test_an_older_table_grows_new_columns(store: Store, funding: Rows, source: Named) -> None:
    from dataclasses import replace

    older = replace(FUNDING, columns=tuple(column for column in FUNDING.columns if column.name != "index_price_quote"))
    store.write(older, older.conform(funding([0], source()).drop("index_price_quote")), source())
    assert store.read(FUNDING)["index_price_quote"].to_list() == [None]
    store.write(FUNDING, funding([8], source(), index_price_quote=7.0), source())
    assert store.read(FUNDING)["index_price_quote"].to_list() == [None, 7.0]
    folder = table_folder(store.folder, "funding")
    assert snapshot(folder).names == FUNDING.names
    assert pl.read_delta(str(folder)).sort("ts")["index_price_quote"].to_list() == [None, 7.0]


def test_the_manifest_says_what_a_source_brought(store: Store, funding: Rows, source: Named, clock: Clock) -> None:
    told = Source(name="file", sha256="ab", table="funding", licence="MIT", facts={"market": "linear"}, rows=9, precedence=3)
    store.write(FUNDING, funding([0, 8, 32], told), told)
    clock.now = 2_000
    store.write(FUNDING, funding([40], told), told)
    store.write(FUNDING, funding([0], source("late")), source("late"))
    row = store.sources().row(0, named=True)
    stated = {"name": "file", "sha256": "ab", "licence": "MIT", "table": "funding", "precedence": 3, "state": "complete"}
    assert {name: row[name] for name in stated} == stated
    assert (row["rows_offered"], row["rows_stored"], row["missing"]) == (9, 4, 2)
    assert row["facts"] == '{"market":"linear"}'
    assert '"missing":2' in row["gaps"]
    assert (row["first_ts"].timestamp() * 1000, row["last_ts"].timestamp() * 1000) == (START, START + 40 * HOUR)
    assert (row["imported_at"].timestamp(), row["updated_at"].timestamp()) == (1.0, 2.0)
    numbers = store.sources()["first_import"].to_list()
    assert all(a < b for a, b in pairwise(numbers))


def test_a_repeated_import_leaves_the_manifest_alone(store: Store, funding: Rows, source: Named, clock: Clock) -> None:
    store.write(FUNDING, funding([0, 8], source()), source())
    before = store.sources()
    clock.now = 5_000
    store.write(FUNDING, funding([0, 8], source()), source())
    assert store.sources().equals(before)


def test_an_id_that_stands_for_other_content_is_refused(store: Store, funding: Rows) -> None:
    first, second = (Source(id="x", name="n", sha256=sha, table="funding") for sha in ("aa", "bb"))
    store.write(FUNDING, funding([0], first), first)
    with pytest.raises(InputError, match="other content"):
        store.write(FUNDING, funding([8], second), second)


def test_a_source_is_named_by_its_content_and_facts() -> None:
    one = Source(name="a", sha256="aa", table="funding", facts={"x": "1", "y": "2"})
    same = Source(name="b", sha256="aa", table="funding", facts={"y": "2", "x": "1"})
    other = Source(name="a", sha256="aa", table="funding", facts={"x": "1"})
    assert one.id == same.id != other.id
    assert len(one.id) == 16
    with pytest.raises(InputError):
        Source(name="a", sha256="", table="funding")


def test_contexts_state_the_facts_of_their_contract(store: Store, source: Named) -> None:
    told = source("contexts", table="contexts")
    frame = CONTEXTS.conform(
        pl.DataFrame(
            {
                "venue": "v",
                "native_id": "BTC",
                "symbol": "BTC/USDT:USDT",
                "market": "linear",
                "market_list": "",
                "ts": pl.Series([START, START + HOUR, START + 2 * HOUR]).cast(pl.Datetime("ms", "UTC")),
                "cap_rate": [0.003, 0.003, 0.02],
                "source": told.id,
            }
        )
    )
    store.write(CONTEXTS, frame, told)
    facts = store.registry.as_of(fact="cap").sort("valid_from")
    assert facts.select("value", "valid_from", "evidence").rows() == [(0.003, START, 2), (0.02, START + 2 * HOUR, 1)]


def test_prices_of_one_stamp_differ_by_market_kind_and_length(store: Store, prices: Rows, source: Named) -> None:
    told = source("p", table="prices")
    frame = pl.concat(
        [prices([0], told), prices([0], told, market="spot"), prices([0], told, price_kind="mark"), prices([0], told, bar_hours=8.0)]
    )
    assert store.write(PRICES, frame, told).added == 4
    assert store.read(PRICES).height == 4


@pytest.mark.parametrize("name", ["with space", "ä 100%", "a#b?c=d", "[x]*", "deep/er"])
@pytest.mark.parametrize("relative", [True, False])
def test_a_store_may_lie_anywhere(
    tmp_path: Path, name: str, funding: Rows, source: Named, monkeypatch: pytest.MonkeyPatch, *, relative: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Path(name) if relative else tmp_path / name
    store = Store.open(folder, create=True)
    store.write(FUNDING, funding([0, 8], source()), source())
    store.write(FUNDING, funding([16], source()), source())
    store.compact()
    assert Store.open(tmp_path / name).read(FUNDING).height == 3


def test_a_path_the_library_would_misread_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="percent sign"):
        Store.open(tmp_path / "a%20b", create=True)
    assert not (tmp_path / "a%20b").exists()
