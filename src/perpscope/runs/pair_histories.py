"""What would a printed trade have earned between other venues, from every day on record?

Funding of every two venues' contracts of a coin over the printed horizon and notional, before and after the fees of the time, with the
place of the printed profits among them; see `analysis.carry.horizons` for what is counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, get_args

from perpscope.analysis.carry.horizons import COVERED, Held, Running, described, held, knowable
from perpscope.analysis.series import SERIES, fixings
from perpscope.catalogue.load import SIMULATED
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.number import INF
from perpscope.market.table import FUNDING
from perpscope.market.time import to_text
from perpscope.runs.fee_steps import LOOK_DAYS, Contract, FeeSteps
from perpscope.trading.costs.parts import Liquidity
from perpscope.trading.trade import Leg, Trade
from perpscope.units import MS_PER_DAY

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from perpscope.store import Store
    from perpscope.trading.examples.printed_trade import PrintedTrade
FILLS: tuple[Liquidity, ...] = get_args(Liquidity)


@dataclass(frozen=True, slots=True)
class Question:
    """What is held, how long, and what it is compared with.

    Parameters
    ----------
    days : horizon. money : notional of each leg, quote units. leverage : of each leg. printed : coin -> figure -> profit.
    covered : least share of a horizon on record. tier : fee tier of every venue.
    """

    days: float
    money: float
    leverage: float
    printed: Mapping[str, Mapping[str, float]]
    covered: float = COVERED
    tier: str = "base"

    @classmethod
    def of(cls, printed: PrintedTrade, days: float, covered: float = COVERED) -> Question:
        """Build it of an example: its notional, its leverage and its profits, by coin.

        Raises
        ------
        InputError
            When its figures differ in leverage, or the days are none.
        """
        coins: dict[str, dict[str, float]] = {}
        for name, figure in printed.figures.items():
            coins.setdefault(figure.coin, {})[name] = float(figure.profit)
        leverages = {leg.leverage for figure in printed.figures.values() for leg in figure.trade.legs}
        if len(leverages) != 1 or not 0 < days < INF:
            there = f"legs of {', '.join(f'{float(one):g}x' for one in sorted(leverages))}, {days:g} days"
            raise InputError(f"the histories of {printed.name}", there, "One leverage and days above 0 are needed.")
        return cls(days, float(printed.leg), float(leverages.pop()), coins, covered)


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two contracts, turned so that the short side received on average.

    Parameters
    ----------
    long, short : contracts. paid : over every horizon.
    """

    long: Contract
    short: Contract
    paid: Held

    def trade(self, leverage: float) -> Trade:
        """Return it as a trade."""
        return Trade("perp_perp", (self.long.leg("long", leverage), self.short.leg("short", leverage)))


def pair_histories(store: Store, asked: Question) -> tuple[dict[str, Any], list[Pair]]:
    """Hold every pair over every horizon.

    Returns
    -------
    answer, pairs
        The document for a reader, best median first; and the pairs in the same order.

    Raises
    ------
    NotEnoughData
        When no two venues of the store share a covered horizon in one of the printed coins.
    """
    rows = _rows(store, asked)
    known = _contracts(rows)
    found = list(_pairs(known, asked))
    if not found:
        coins = ", ".join(asked.printed)
        there = f"no two venues share {asked.days:g} days of {coins} of which {asked.covered:.0%} is on record"
        raise NotEnoughData("histories of venue pairs", there, "Import funding of at least two venues, or ask for a shorter horizon.")
    fees = FeeSteps(asked.tier, {contract: (one.begins, int(one.slots[-1])) for contract, one in known.items()})
    told = sorted(((_told(pair, asked, fees), pair) for pair in found), key=_rank)
    answer = {
        "horizon_days": asked.days,
        "notional": asked.money,
        "capital": asked.money * float(found[0].trade(asked.leverage).capital),
        "leverage": asked.leverage,
        "printed": {coin: dict(figures) for coin, figures in asked.printed.items()},
        "pairs": [row for row, _ in told],
        "pooled": {coin: _pooled(coin, [pair for pair in found if pair.long.coin == coin], asked, fees) for coin in asked.printed},
        "fees_on_record": fees.told,
        "assumed": [
            f"each leg keeps the notional it began with: {asked.money:,.0f}, in quote units, at every stamp (assumed)",
            f"horizons of which less than {asked.covered:.0%} is on record for a leg are left out; the rest of it paid nothing (assumed)",
            f"a fee that is the same at two looks {LOOK_DAYS} days apart did not change between them (assumed)",
            "each pair is turned to the side that received on average over all of its history: that is hindsight; see `knowable`",
            "nothing but funding and fees is counted: no spread, no impact, no basis, no liquidation; see the full backtests",
        ],
        "certificate": store.certificate(rows).to_dict(),
    }
    return answer, [pair for _, pair in told]


def _rows(store: Store, asked: Question) -> pl.DataFrame:
    """Rows of the store that the question is about."""
    import polars as pl

    from perpscope.analysis.series import coin_of

    rows = store.read(FUNDING).filter((pl.col("kind") == "settled") & coin_of().is_in(list(asked.printed)))
    real = rows.filter(~pl.col("venue").str.starts_with(SIMULATED))
    return rows if real.is_empty() else real


def _contracts(rows: pl.DataFrame) -> dict[Contract, Running]:
    found: dict[Contract, Running] = {}
    for _, part in fixings(rows).group_by(SERIES, maintain_order=True):
        contract = Contract(part["coin"][0], part["venue"][0], part["symbol"][-1])
        found[contract] = Running.of(part.unique("slot", keep="first", maintain_order=True))
    return found


def _pairs(known: Mapping[Contract, Running], asked: Question) -> Iterator[Pair]:
    """Yield all pairs of different venues in one coin that share a covered horizon."""
    for one, other in combinations(sorted(known), 2):
        if one.coin != other.coin or one.venue == other.venue:
            continue
        paid = held(known[one], known[other], asked.days, asked.covered)
        if paid.paid.size:
            yield Pair(one, other, paid) if paid.paid.mean() >= 0 else Pair(other, one, paid.reversed())


def _rank(told: tuple[Mapping[str, Any], Pair]) -> tuple[bool, float, str]:
    """Best median after the fees of taking first; those without fees on record behind, by funding."""
    row = told[0]
    after = row["after_fees"]["taker"]
    return not after, -(after or row)["p50"], f"{row['coin']} {row['long']} {row['short']}"


def _told(pair: Pair, asked: Question, fees: FeeSteps) -> dict[str, Any]:
    return {
        "coin": pair.long.coin,
        "long": _side(pair.long.leg("long")),
        "short": _side(pair.short.leg("short")),
        **_described(pair, pair.paid, asked, fees),
        "knowable": _described(pair, knowable(pair.paid), asked, fees),
    }


def _described(pair: Pair, paid: Held, asked: Question, fees: FeeSteps) -> dict[str, Any]:
    """Describe what was paid before fees, and after those of resting and of taking."""
    printed = asked.printed[pair.long.coin]
    after = {fill: after_fees(pair, paid, fill, fees) for fill in FILLS}
    lacking = {fill: left for fill, left in after.items() if not left.paid.size}
    return {
        **_dated(described(paid, asked.money, printed)),
        "after_fees": {fill: None if fill in lacking else _dated(described(left, asked.money, printed)) for fill, left in after.items()},
        "why_null": {f"after_fees.{fill}": fees.why(pair.long, pair.short) or "no horizon before is on record" for fill in lacking},
    }


def after_fees(pair: Pair, paid: Held, fill: Liquidity, fees: FeeSteps) -> Held:
    """Take off the fees of entering at each start and of leaving at its end, both legs; horizons without a fee on record are left out."""
    import numpy as np

    ends = paid.starts + round(paid.days * MS_PER_DAY)
    parts = [fees.at(contract, fill, moments) for contract in (pair.long, pair.short) for moments in (paid.starts, ends)]
    return paid.less(np.asarray(np.sum(parts, axis=0)))


def _side(leg: Leg) -> dict[str, str]:
    return {"venue": leg.venue, "symbol": leg.symbol, "payoff": leg.market}


_TIMES = ("first", "last", "lowest_start", "highest_start")


def _dated(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: to_text(value)[:10] if name in _TIMES else value for name, value in found.items()}


def _pooled(coin: str, pairs: Sequence[Pair], asked: Question, fees: FeeSteps) -> dict[str, Any]:
    """Put all horizons of all pairs together, and by the year they began in: where the printed profits lie."""
    import numpy as np

    if not pairs:
        return {"n": 0}
    starts = np.concatenate([pair.paid.starts for pair in pairs])
    money = np.concatenate([pair.paid.paid for pair in pairs]) * asked.money
    years = starts.astype("datetime64[ms]").astype("datetime64[Y]").astype(np.int64) + 1970
    known = np.concatenate([after_fees(pair, knowable(pair.paid), "taker", fees).paid for pair in pairs]) * asked.money
    printed = asked.printed[coin]
    return _spread(money, printed) | {
        "pairs": len(pairs),
        "knowable_after_taker_fees": _spread(known, printed) if known.size else None,
        "by_year": {str(year): _spread(money[years == year], printed) for year in np.unique(years)},
    }


def _spread(money: NDArray[Any], printed: Mapping[str, float]) -> dict[str, Any]:
    import numpy as np

    low, middle, high = (float(q) for q in np.quantile(money, (0.05, 0.5, 0.95)))
    return {
        "n": int(money.size),
        "p05": low,
        "p50": middle,
        "p95": high,
        "highest": float(money.max()),
        "at_least": {name: float((money >= amount).mean()) for name, amount in printed.items()},
    }
