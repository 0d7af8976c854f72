"""Does a certificate tell what was used, and change with it?"""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perpscope.errors import InputError
from perpscope.market.table import FUNDING, PRICES
from perpscope.store import Certificate, Source, Store
from perpscope.store.certificate import certify, digest

if TYPE_CHECKING:
    from tests.unit.store.conftest import Named, Rows


def test_it_names_rows_sources_gaps_and_version(store: Store, funding: Rows) -> None:
    told = Source(name="file", sha256="ab" * 32, licence="MIT", table="funding", rows=4)
    store.write(FUNDING, funding([0, 8, 32], told), told)
    store.write(FUNDING, funding([40], told), told)
    certificate = store.certificate(store.read(FUNDING))
    plain = certificate.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    (used,) = plain["tables"]
    assert (plain["rows"], plain["complete"]) == (4, False)
    assert (used["table"], used["version"], used["rows"]) == ("funding", 1, 4)
    assert (used["first"], used["last"]) == ("2020-09-13T00:00:00Z", "2020-09-14T16:00:00Z")
    assert (used["expected"], used["present"], used["missing"]) == (6, 4, 2)
    assert [(gap["from"], gap["missing"]) for gap in used["gaps"]] == [("2020-09-13T08:00:00Z", 2)]
    stated = {"id": told.id, "name": "file", "sha256": "ab" * 32, "licence": "MIT", "rows": 4, "complete": True}
    assert used["sources"] == [stated]
    assert len(used["digest"]) == len(plain["digest"]) == 64


def test_generated_rows_are_told_by_their_source_or_their_venue(store: Store, funding: Rows, source: Named) -> None:
    store.write(FUNDING, funding([0, 8], source()), source())
    assert store.certificate(store.read(FUNDING)).to_dict()["synthetic"] is False
    made = Source(name="made", sha256="cd" * 32, licence="none", table="funding", rows=1, facts={"synthetic": "yes"})
    store.write(FUNDING, funding([16], made), made)
    assert store.certificate(store.read(FUNDING)).synthetic
    assert not store.certificate(store.read(FUNDING).head(2)).synthetic
    venue = store.read(FUNDING).head(2).with_columns(venue=pl.lit("sim:okx"))
    assert store.certificate(venue).synthetic


def test_part_of_what_was_read_can_be_certified(store: Store, funding: Rows, prices: Rows, source: Named) -> None:
    store.write(FUNDING, funding([0, 8, 32], source()), source())
    told = source("p", table="prices")
    store.write(PRICES, prices([0, 1], told), told)
    part = store.read(FUNDING).head(2)
    certificate = store.certificate(part, store.read(PRICES))
    assert certificate.complete
    assert [(used.table, used.rows) for used in certificate.used] == [("funding", 2), ("prices", 2)]
    assert certificate.digest == store.certificate(store.read(PRICES), part.tail(1), part.head(1)).digest


def test_storage_does_not_enter_the_digest(store: Store, funding: Rows, source: Named) -> None:
    for hour in (0, 16, 8):
        store.write(FUNDING, funding([hour], source()), source())
    before = store.certificate(store.read(FUNDING))
    store.compact()
    after = store.certificate(store.read(FUNDING))
    assert before.digest == after.digest
    assert before.used[0].version < after.used[0].version


def test_rows_of_no_table_are_refused(store: Store) -> None:
    with pytest.raises(InputError, match="not those of a table"):
        store.certificate(pl.DataFrame({"a": [1]}))


def test_rows_the_manifest_does_not_know_are_no_complete_ground(store: Store, funding: Rows) -> None:
    certificate = store.certificate(funding([0, 8]))
    assert not certificate.complete
    assert certificate.used[0].sources[0].name == "unknown"


CHANGES: dict[str, object] = {
    "funding_rate": 0.123,
    "premium_frac": 0.0,
    "mark_price_quote": None,
    "symbol": "BTC/USDT:USDTx",
    "kind": "next",
    "interval_hours": 4.0,
}


@settings(max_examples=40)
@given(column=st.sampled_from(sorted(CHANGES)), row=st.integers(0, 4), seed=st.integers(0, 99))
def test_any_used_value_changes_the_digest_and_order_does_not(column: str, row: int, seed: int) -> None:
    stamps = pl.Series([8 * 3_600_000 * i for i in range(5)]).cast(pl.Datetime("ms", "UTC"))
    texts = {
        "venue": "v",
        "native_id": "B",
        "symbol": "B/U:U",
        "market": "linear",
        "market_list": "",
        "kind": "settled",
        "accrual": "stamp",
    }
    numbers = {"funding_rate": 1e-4, "interval_hours": 8.0, "mark_price_quote": 5.0}
    stated = {name: pl.lit(value) for name, value in {**texts, **numbers, "source": "s"}.items()}
    frame = FUNDING.conform(pl.DataFrame({"ts": stamps, "slot": stamps}).with_columns(**stated))
    here = pl.int_range(pl.len()) == row
    changed = frame.with_columns(
        pl.when(here).then(pl.lit(CHANGES[column])).otherwise(pl.col(column)).cast(frame.schema[column]).alias(column)
    )
    order = random.Random(seed).sample(range(5), 5)  # noqa: S311 - an order, not a secret
    assert digest(FUNDING, frame) == digest(FUNDING, frame[order])
    assert digest(FUNDING, frame) != digest(FUNDING, changed)


def test_texts_cannot_slide_into_each_other(funding: Rows) -> None:
    one, two = (
        pl.concat([funding([0], native_id=a, symbol="A/B:B"), funding([8], native_id=b, symbol="A/B:B")])
        for a, b in (("ab", "c"), ("a", "bc"))
    )
    assert digest(FUNDING, one.with_columns(native_id=pl.lit("x"), symbol=one["native_id"])) != digest(
        FUNDING, two.with_columns(native_id=pl.lit("x"), symbol=two["native_id"])
    )


def test_nothing_used_is_certified_too(store: Store) -> None:
    assert certify([], {}, store.sources()) == Certificate(())
    assert store.certificate(FUNDING.empty()).used[0].rows == 0
