"""Does it matter how, in what order and how often the same rows arrive?"""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.market.table import FUNDING
from perpscope.store import Source, Store

SOURCES = [Source(name=str(n), sha256=str(n), table="funding") for n in range(2)]
ROWS = 12
_STEP = 8 * 3_600_000


def everything(source: Source) -> pl.DataFrame:
    """All rows of a source: two contracts, every value telling its place."""
    stamps = pl.Series([_STEP * (i // 2) for i in range(ROWS)]).cast(pl.Datetime("ms", "UTC"))
    frame = pl.DataFrame(
        {"ts": stamps, "slot": stamps, "funding_rate": [i * 1e-5 for i in range(ROWS)], "native_id": ["A", "B"] * (ROWS // 2)}
    )
    texts = {
        "venue": "v",
        "symbol": "X/Y:Y",
        "market": "linear",
        "market_list": "",
        "kind": "settled",
        "accrual": "stamp",
        "source": source.id,
    }
    return FUNDING.conform(frame.with_columns(interval_hours=pl.lit(8.0), **{name: pl.lit(text) for name, text in texts.items()}))


batches = st.lists(
    st.tuples(st.integers(0, 1), st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=ROWS)),
    max_size=6,
)


@settings(max_examples=25)
@given(batches=batches, tidy=st.integers(0, 6), last=st.permutations([0, 1]))
def test_any_splitting_order_and_repetition_gives_the_same_table(batches: list[tuple[int, list[int]]], tidy: int, last: list[int]) -> None:
    """Batches with repeats and overlaps, tidied up somewhere in between, then the whole files: all rows, each once."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "s", create=True, clock=lambda: 0)
        offered: dict[int, set[int]] = {0: set(), 1: set()}
        for place, (number, chosen) in enumerate(batches):
            written = store.write(FUNDING, everything(SOURCES[number])[chosen], SOURCES[number])
            assert written.added == len(set(chosen) - offered[number])
            assert written.added + written.present == len(chosen)
            assert written.conflicting.is_empty()
            offered[number] |= set(chosen)
            if place == tidy:
                store.compact(retention_hours=0)
        for number in last:
            assert store.write(FUNDING, everything(SOURCES[number]), SOURCES[number]).added == ROWS - len(offered[number])
        whole = pl.concat([everything(source) for source in SOURCES]).sort("native_id", "ts", "source")
        assert store.read(FUNDING, current=False).equals(whole)
        assert store.read(FUNDING).height == ROWS
        assert store.sources().sort("name").select("rows_stored", "missing", "state").rows() == [(ROWS, 0, "complete")] * 2
        assert set(store.registry.as_of(fact="interval_hours")["value"]) == {8.0}


@settings(max_examples=25)
@given(
    rows=st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0.1, 0.2])), min_size=1, max_size=12),
    known=st.lists(st.integers(0, 4), unique=True, max_size=3),
)
def test_every_row_offered_is_added_present_or_conflicting(rows: list[tuple[int, float]], known: list[int]) -> None:
    """Rows of one source that contradict the store or each other: counted once, never stored over the first."""
    source = SOURCES[0]
    base = everything(source).filter(pl.col("native_id") == "A").head(5)
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder) / "s", create=True, clock=lambda: 0)
        if known:
            store.write(FUNDING, base[known].with_columns(funding_rate=pl.lit(0.1)), source)
        frame = base[[place for place, _ in rows]].with_columns(funding_rate=pl.Series([rate for _, rate in rows]))
        told = {place: {rate for at, rate in rows if at == place} for place in range(5)}
        written = store.write(FUNDING, frame, source)
        assert written.added + written.present + written.conflicting.height == len(rows)
        assert written.added == sum(len(told[place]) == 1 for place in range(5) if place not in known)
        clash = [place for place, rate in rows if (rate != 0.1 if place in known else len(told[place]) == 2)]
        assert written.conflicting["slot"].sort().to_list() == base[sorted(clash)]["slot"].to_list()
        assert written.conflicting["reason"].null_count() == 0
        again = store.write(FUNDING, frame, source)
        assert (again.added, again.conflicting.height) == (0, written.conflicting.height)
