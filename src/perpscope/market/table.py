"""What is in each column? One declaration gives the check, the storage schema and the docs page.

A `Table` names its columns, their types, units and bounds, and the key that makes a fact unique. Every fact also
belongs to one `source`; the same fact from two sources is kept once per source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from perpscope.errors import InputError

if TYPE_CHECKING:
    import polars as pl

Kind = Literal["text", "float", "int", "time", "floats", "flag"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Parameters
    ----------
    name : its name; says its unit last unless it is a fraction per the row's own interval.
    kind : text, float, int, time (UTC, milliseconds), floats (a list of float) or flag.
    meaning : one line for the docs.
    required : whether a null is refused.
    low, high : inclusive bounds of a number; None where there is none.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of fact.

    Parameters
    ----------
    name : of the table, also its folder in a store.
    meaning : one line for the docs.
    key : columns that, with the source, make a row unique.
    columns : all columns in order.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    def schema(self) -> dict[str, pl.DataType]:
        """Polars schema, which is also the storage schema."""
        return {column.name: _dtype(column.kind) for column in self.columns}

    def empty(self) -> pl.DataFrame:
        """Build an empty frame of this table."""
        import polars as pl

        return pl.DataFrame(schema=self.schema())

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return `frame` with exactly this table's columns, order and types; absent optional columns become null.

        Raises
        ------
        InputError
            When a required column is absent, a foreign one is present, or a value cannot take its type.
        """
        import polars as pl

        foreign = [name for name in frame.columns if name not in self.names]
        absent = [column.name for column in self.columns if column.required and column.name not in frame.columns]
        if foreign or absent:
            there = "; ".join(f"{what} {', '.join(names)}" for what, names in (("foreign", foreign), ("missing", absent)) if names)
            raise InputError(f"rows for the table {self.name}", there, f"Its columns are {', '.join(self.names)}.")
        try:
            return frame.select(
                (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name) for name, dtype in self.schema().items()
            )
        except pl.exceptions.PolarsError as problem:
            raise InputError(
                f"rows for the table {self.name}", str(problem).splitlines()[0], "Give each column its declared type."
            ) from None

    def faults(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return {row, reason} for each row of a conformed frame that breaks a declaration: null, NaN, infinite or out of bounds.

        One row per faulty row, reasons joined; empty when all is well.
        """
        import polars as pl

        def reason(test: pl.Expr, words: str) -> pl.Expr:
            return pl.when(test).then(pl.lit(words)).otherwise(None)

        tests: list[pl.Expr] = []
        for column in self.columns:
            value = pl.col(column.name)
            if column.required:
                tests.append(reason(value.is_null(), f"{column.name} is missing"))
            if column.kind == "float":
                tests.append(reason(value.is_nan() | value.is_infinite(), f"{column.name} is not a number"))
                value = value.fill_nan(None)
            if column.low is not None:
                tests.append(reason(value < column.low, f"{column.name} is below {column.low:g}"))
            if column.high is not None:
                tests.append(reason(value > column.high, f"{column.name} is above {column.high:g}"))
        reasons = pl.concat_str(tests, separator="; ", ignore_nulls=True)
        return frame.with_row_index("row").select("row", reasons.alias("reason")).filter(pl.col("reason") != "")


def _dtype(kind: Kind) -> pl.DataType:
    import polars as pl

    known: dict[Kind, pl.DataType] = {
        "text": pl.String(),
        "float": pl.Float64(),
        "int": pl.Int64(),
        "time": pl.Datetime("ms", "UTC"),
        "floats": pl.List(pl.Float64()),
        "flag": pl.Boolean(),
    }
    return known[kind]


_WHO = (
    Column("venue", "text", "venue id (ccxt's where it has one)", required=True),
    Column("native_id", "text", "the venue's own name of the contract", required=True),
    Column("symbol", "text", "unified symbol, e.g. BTC/USDT:USDT", required=True),
    Column("market", "text", "spot, linear, inverse, quanto or dated", required=True),
    Column("market_list", "text", "sub-market of the venue; empty for the main one", required=True),
)
_SOURCE = Column("source", "text", "id of the source in the manifest", required=True)
_POSITIVE = 5e-324

FUNDING = Table(
    "funding",
    "published funding fixings, one row per contract and stamp",
    ("venue", "market_list", "native_id", "ts", "kind"),
    (
        *_WHO,
        Column("ts", "time", "settlement time as published (raw stamp)", required=True),
        Column("slot", "time", "nominal settlement slot, jitter removed", required=True),
        Column("funding_rate", "float", "fraction of notional per interval_hours; > 0: longs pay shorts", required=True, low=-1, high=1),
        Column("interval_hours", "float", "hours the rate is for", required=True, low=0.01, high=168),
        Column("kind", "text", "settled, next or predicted", required=True),
        Column("accrual", "text", "stamp (paid at ts) or continuous (accrued over the interval before ts)", required=True),
        Column("premium_frac", "float", "averaged premium the rate was computed from, fraction"),
        Column("funding_rate_8h", "float", "rate as the venue quotes it per 8 h, fraction"),
        Column("mark_price_quote", "float", "mark price at ts", low=_POSITIVE),
        Column("index_price_quote", "float", "index price at ts", low=_POSITIVE),
        _SOURCE,
    ),
)
PRICES = Table(
    "prices",
    "price bars, one row per contract, price kind, bar length and close",
    ("venue", "market_list", "native_id", "market", "price_kind", "bar_hours", "ts"),
    (
        *_WHO,
        Column("price_kind", "text", "trade, mark, index or aggregate", required=True),
        Column("bar_hours", "float", "length of the bar", required=True, low=1 / 3600),
        Column("ts", "time", "open of the bar (its label where the close time is unstated)", required=True),
        Column("close_ts", "time", "when the close was observed; null where unstated"),
        Column("open_quote", "float", "first price", low=_POSITIVE),
        Column("high_quote", "float", "highest price", low=_POSITIVE),
        Column("low_quote", "float", "lowest price", low=_POSITIVE),
        Column("close_quote", "float", "last price", required=True, low=_POSITIVE),
        Column("volume_base", "float", "traded volume in base units", low=0),
        Column("volume_quote", "float", "traded volume in quote units", low=0),
        Column("taker_buy_base", "float", "part of volume_base that takers bought", low=0),
        Column("taker_buy_quote", "float", "part of volume_quote that takers bought", low=0),
        Column("minutes", "int", "minutes present in the bar where it was aggregated", low=0),
        Column("precision", "text", "float64 or float32, as the source held it", required=True),
        _SOURCE,
    ),
)
DATED_FUTURES = Table(
    "dated_futures",
    "daily settlements of dated futures by position on the curve",
    ("venue", "native_id", "ts"),
    (
        *_WHO,
        Column("ts", "time", "00:00 UTC of the trading day", required=True),
        Column("close_ts", "time", "when the close was observed; null where unstated"),
        Column("close_quote", "float", "settlement price", required=True, low=_POSITIVE),
        _SOURCE,
    ),
)
VELOCITY_EVENTS = Table(
    "velocity_events",
    "trades on a venue whose rate drifts with the skew",
    ("venue", "native_id", "ts", "sequence"),
    (
        *_WHO,
        Column("ts", "time", "time of the trade", required=True),
        Column("sequence", "int", "order of trades at the venue (block, then place in the file)", required=True),
        Column("block", "int", "block number"),
        Column("price_quote", "float", "fill price", required=True, low=_POSITIVE),
        Column("quantity_base", "float", "signed quantity traded", required=True),
        Column("skew_base", "float", "open long minus short after the trade", required=True),
        Column("funding_rate_1d", "float", "instantaneous rate, fraction per day", required=True),
        Column("velocity_1d", "float", "change of the rate, fraction per day per day", required=True),
        _SOURCE,
    ),
)
CONTEXTS = Table(
    "contexts",
    "one instant of a contract as the venue showed it: prices, impact prices, rates",
    ("venue", "market_list", "native_id", "ts"),
    (
        *_WHO,
        Column("ts", "time", "time of the observation", required=True),
        Column("mark_price_quote", "float", "mark (fair) price", low=_POSITIVE),
        Column("index_price_quote", "float", "index or oracle price", low=_POSITIVE),
        Column("mid_price_quote", "float", "mid price", low=_POSITIVE),
        Column("impact_bid_quote", "float", "impact bid", low=_POSITIVE),
        Column("impact_ask_quote", "float", "impact ask", low=_POSITIVE),
        Column("premium_frac", "float", "premium as published, fraction"),
        Column("funding_rate", "float", "rate in force or last settled, fraction per interval_hours", low=-1, high=1),
        Column("predicted_rate", "float", "the venue's estimate of the rate to come, fraction per interval_hours", low=-1, high=1),
        Column("interval_hours", "float", "hours the rates are for", low=0.01, high=168),
        Column("next_funding", "time", "next funding stamp"),
        Column("fair_basis_frac", "float", "fair basis as a fraction of the index, as published"),
        Column("initial_margin_frac", "float", "initial margin fraction of the lowest tier", low=0),
        Column("maintenance_margin_frac", "float", "maintenance margin fraction of the lowest tier", low=0),
        Column("cap_rate", "float", "largest rate per interval", low=0),
        Column("floor_rate", "float", "smallest rate per interval"),
        Column("interest_rate_1d", "float", "interest term, fraction per day"),
        Column("impact_notional_quote", "float", "notional of the impact prices", low=0),
        Column("open_interest_base", "float", "open interest in base units", low=0),
        _SOURCE,
    ),
)
BOOK_MESSAGES = Table(
    "book_messages",
    "order book recordings: snapshots, changes and best quotes in the order they arrived",
    ("venue", "market_list", "native_id", "sequence"),
    (
        *_WHO,
        Column("ts", "time", "when the venue sent the message, else when it arrived", required=True),
        Column("received", "time", "when it arrived"),
        Column("sequence", "int", "line of the recording", required=True),
        Column("kind", "text", "snapshot (replaces the book), change (quantity 0 deletes) or top (best quotes)", required=True),
        Column("first_update", "int", "first update id covered"),
        Column("last_update", "int", "last update id covered"),
        Column("previous_update", "int", "last update id of the message before"),
        Column("bid_prices", "floats", "bid prices in quote units"),
        Column("bid_quantities", "floats", "bid quantities as the venue counts them"),
        Column("ask_prices", "floats", "ask prices in quote units"),
        Column("ask_quantities", "floats", "ask quantities as the venue counts them"),
        _SOURCE,
    ),
)
TRADES = Table(
    "trades",
    "single trades as the venue told them",
    ("venue", "market_list", "native_id", "trade_id"),
    (
        *_WHO,
        Column("ts", "time", "when the trade was made", required=True),
        Column("received", "time", "when the message of it arrived"),
        Column("sequence", "int", "place among the trades of the recording", required=True, low=0),
        Column("trade_id", "int", "the venue's own number of the trade", required=True),
        Column("price_quote", "float", "price", required=True, low=_POSITIVE),
        Column("quantity", "float", "quantity as the venue counts it (base units, or contracts)", required=True, low=_POSITIVE),
        Column("taker", "text", "side of whoever met a resting order: buy or sell; null where untold"),
        _SOURCE,
    ),
)
PREMIUM_SAMPLES = Table(
    "premium_samples",
    "premium samples inside funding windows",
    ("venue", "market_list", "native_id", "ts"),
    (
        *_WHO,
        Column("ts", "time", "time of the sample", required=True),
        Column("premium_frac", "float", "one sample of the premium, fraction", required=True),
        _SOURCE,
    ),
)
LENDING_RATES = Table(
    "lending_rates",
    "what a lending market pays or charges for an asset",
    ("venue", "market_list", "native_id", "side", "ts"),
    (
        Column("venue", "text", "lending market (a protocol, or a venue that lends)", required=True),
        Column("native_id", "text", "the source's own name of the asset", required=True),
        Column("symbol", "text", "asset, e.g. USDT", required=True),
        Column("market", "text", "lending", required=True),
        Column("market_list", "text", "sub-market of the venue; empty for the main one", required=True),
        Column("ts", "time", "since when the rate holds", required=True),
        Column("side", "text", "supply (paid to lenders) or borrow (charged)", required=True),
        Column("lending_rate_1y", "float", "simple rate, fraction a year", required=True, low=-1, high=100),
        _SOURCE,
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (FUNDING, PRICES, DATED_FUTURES, VELOCITY_EVENTS, CONTEXTS, BOOK_MESSAGES, TRADES, PREMIUM_SAMPLES, LENDING_RATES)
}
