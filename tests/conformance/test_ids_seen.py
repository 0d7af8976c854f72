"""Do the patterns read the same assets off an id as the venue itself states beside it?

Instrument lists as recorded: the venue's own base, quote and settlement asset of each contract.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from perpscope.catalogue.load import load_venue

pytestmark = pytest.mark.needs_shared
Stated = tuple[str, str, str, str]
Body = dict[str, Any]
CODES = {"XBT": "BTC", "XBt": "BTC", "USDt": "USDT"}


def answers(path: Path) -> Iterator[Any]:
    """Bodies of a recorded file of requests and answers."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            request, _, body = line.partition(": ")
            if " -> " in request and body[0] in "{[":
                yield json.loads(body)


def plain(asset: str) -> str:
    return CODES.get(asset, asset)


def bitmex(found: list[Body]) -> Iterator[Stated]:
    for row in found:
        if row["typ"] == "FFWCSX":
            base = row["underlying"] if row["rootSymbol"] == "BASKET" else row["rootSymbol"]
            yield row["symbol"], plain(base), plain(row["quoteCurrency"]), plain(row["settlCurrency"])


def binance(found: Body) -> Iterator[Stated]:
    for row in found["symbols"]:
        if row["contractType"] == "PERPETUAL":
            yield row["symbol"], row["baseAsset"], row["quoteAsset"], row["marginAsset"]


def bybit(found: Body) -> Iterator[Stated]:
    for row in found["result"]:
        if row["name"].endswith(("USD", "USDT")):
            settle = row["quote_currency"] if row["quote_currency"] == "USDT" else row["base_currency"]
            yield row["name"], row["base_currency"], row["quote_currency"], settle


def phemex(found: Body) -> Iterator[Stated]:
    for row in found["data"]["products"]:
        base, _, quote = row["displaySymbol"].partition(" / ")
        yield row["symbol"], base, quote, row.get("settleCurrency", "")


def deribit(found: Body) -> Iterator[Stated]:
    for row in found["result"]:
        if row.get("kind") == "future" and row["settlement_period"] == "perpetual":
            linear = "_" in row["instrument_name"]
            yield row["instrument_name"], row["base_currency"], row["quote_currency"], row["quote_currency" if linear else "base_currency"]


def gate(found: list[Body]) -> Iterator[Stated]:
    for row in found:
        base, _, quote = row["name"].partition("_")
        yield row["name"], base, quote, quote


def kraken(found: Body) -> Iterator[Stated]:
    for row in found["instruments"]:
        if row["symbol"].startswith("pi_"):
            base = row["underlying"].removeprefix("rr_").removesuffix("usd").upper()
            yield row["symbol"], plain(base), "USD", plain(base)


def bitget(found: Body) -> Iterator[Stated]:
    for row in found["data"]:
        settle = "" if row["symbol"].endswith("_SPBL") else row["quoteCoin"] if row["symbol"].endswith("_UMCBL") else row["baseCoin"]
        yield row["symbol"], row["baseCoin"], row["quoteCoin"], settle


SEEN: list[tuple[str, str, Callable[[Any], Iterator[Stated]], int]] = [
    ("bitmex", "BITMEX.0", bitmex, 23),
    ("binanceusdm", "BINANCE_FUTURES.0", binance, 110),
    ("binancecoinm", "BINANCE_DELIVERY.0", binance, 18),
    ("bybit", "BYBIT.0", bybit, 13),
    ("phemex", "PHEMEX.0", phemex, 60),
    ("deribit", "DERIBIT.0", deribit, 15),
    ("gate", "GATEIO_FUTURES.0", gate, 300),
    ("krakenfutures", "KRAKEN_FUTURES.0", kraken, 5),
    ("bitget", "BITGET.0", bitget, 300),
]


@pytest.mark.parametrize(("venue", "file", "read", "least"), SEEN, ids=[venue for venue, *_ in SEEN])
def test_an_id_names_the_assets_the_venue_states(
    shared: Path, venue: str, file: str, read: Callable[[Any], Iterator[Stated]], least: int
) -> None:
    book = load_venue(venue)
    stated = [row for found in answers(shared / "fixtures" / "cryptofeed" / f"{file}.txt.gz") for row in read(found)]
    assert len(stated) >= least
    wrong = []
    for native_id, *assets in stated:
        found = book.instrument(native_id)
        if found is None or [found.base, found.quote, found.settle] != assets:
            wrong.append((native_id, assets, found))
    assert wrong == []
