"""What do the rows of the store say about deviations from the price without gain, and about trading them?

Tables 4 to 11 of He et al. v7 (`theory.md` 3.5 and 4), number by number.
"""

from __future__ import annotations

import math
import re
from functools import partial
from typing import TYPE_CHECKING

from perpscope.analysis.carry.arbitrage import Performance, performance
from perpscope.analysis.carry.strategies import Strategy, Terms, held_by
from perpscope.analysis.inference.ols import ols
from perpscope.analysis.inference.panel import pooled
from perpscope.analysis.premium.pull import half_life, pull
from perpscope.claims.theory.checks import Check
from perpscope.claims.theory.clock import closes
from perpscope.claims.theory.lent import Market
from perpscope.claims.theory.measures import COVERED, INTEREST, WIDTH, YEAR, Unread, Wanting, joined, together
from perpscope.claims.theory.meets import leaves
from perpscope.claims.theory.readings import Choice, Kind, Path, Readings, which
from perpscope.claims.theory.stories import Story
from perpscope.claims.theory.subject import Seen, Span, data_of, spot_of, symbol_of, venue_of
from perpscope.market.table import BOOK_MESSAGES, PRICES
from perpscope.market.time import to_ms
from perpscope.units import MS_PER_DAY, MS_PER_HOUR

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Floats = npt.NDArray[np.float64]

PANEL = ("BTC", "ETH", "BNB", "DOGE", "ADA")
"""Coins of He et al. v7: `theory.md` 4."""
THRESHOLDS = {"no": 0.0, "low": 0.532, "medium": 1.143, "high": 1.794}
"""Least deviation that pays for its trades, a fraction a year, by tier of fees: He et al. v7 Table 3, as `theory_checks.json` quotes it."""
ELSEWHERE = ("ETH", "SOL", "XRP", "LTC", "TRX", "AVAX", "LINK")
_COINS = re.compile(rf"\b(?:{'|'.join(dict.fromkeys((*PANEL, *ELSEWHERE)))})\b")
PAST_DAYS = 120
"""Days of the past return of the coin: He et al. v7 Table 9, as `theory.md` 4 quotes it."""
PERCENT, BP = 100.0, 10_000.0
_LENGTH = re.compile(r"(?:days?_)?([1-9]\d{0,3})(?:[\s_]*d|[\s_]*days?)?")
T_VALUE = 2
_EVENT = re.compile(r"\bevent (?:of |on )?(\d{4}-\d{2}-\d{2})")


def deviation_story(check: Check, shelf: Seen) -> Story | None:
    """Tell how the numbers of a check on deviations are found; None where it is about something else.

    **Source**: He et al. v7 as `theory.md` 3.5 and 4 record it.
    """
    told = (joined(check.name), joined(f"{check.name} {check.words}"))  # what the name says goes before what a note says
    kind = next((kind for words in told for kind in KINDS if re.search(kind.says, words)), None)
    venue = venue_of(data_of(check))
    if kind is None or venue is None:
        return None
    tried = Readings(kind, Market(check, shelf, venue))
    numbers = {".".join(path): partial(tried.value, path) for path, _ in leaves(check.expected)}
    return Story(numbers, lambda: tried.said)


def _coin(market: Market, path: Path) -> str:
    """Coin that the path of a number names, or else the check's own name."""
    here = [part.upper() for part in path if part.upper() in PANEL or (part.isupper() and part.isalnum())]
    named = here or [part for part in re.split(r"[^A-Z0-9]+", market.check.name) if part in PANEL]
    if len(set(named)) != 1:
        raise Unread(f"the check does not say of which coin {'.'.join(path) or 'its number'} is")
    return named[0]


def _all_coins(market: Market, path: Path) -> None:
    """Refuse a number of one coin, or of other coins, where a table is about all of the panel together."""
    own = [part for part in re.split(r"[^A-Z0-9]+", market.check.name) if re.fullmatch("[A-Z]{3,5}", part)]
    if one := [part for part in path if part.upper() in PANEL] or own:
        raise Unread(f"the table is one of {', '.join(PANEL)} together; there is no number of {one[0]} alone in it")
    named = set(_COINS.findall(market.data))
    if named & {PANEL[0], *ELSEWHERE} and named != set(PANEL):
        raise Unread(f"the table is one of {', '.join(PANEL)} together, and the data name {', '.join(sorted(named))}")


def _moment(market: Market, choice: Choice, path: Path) -> float:
    """Mean or standard deviation of the deviation."""
    wide = which(market.check.name, path, ("mean", "average"), ("std", "sd", "stdev", "standard_deviation"))
    rho = market.deviations(_coin(market, path), choice["side"])
    return float(rho.std(ddof=1) if wide else rho.mean())


def _around_a_year(market: Market, choice: Choice, path: Path) -> float:
    """Mean deviation before and from the start of a year."""
    later = which(market.check.name, path, ("pre", "before"), ("post", "after"))
    coin, year = _coin(market, path), re.search(r"(?:19|20)\d\d", market.check.name)
    if year is None:
        raise Unread("the check does not name the year between the two means")
    cut = to_ms(f"{year[0]}-01-01T00:00:00Z")
    rho, at = market.deviations(coin, choice["side"]), market.looks(coin, choice["side"]).at
    part = rho[at > cut] if later else rho[at <= cut]
    if not part.size:
        raise Wanting(f"hours of {coin} {'from' if later else 'before'} {year[0]}")
    return float(part.mean())


def _held(market: Market, side: str, coin: str, rule: Strategy, opens: float = 0.0) -> npt.NDArray[np.int8]:
    """Positions in the perpetual by one of the rules compared."""
    return held_by(rule, market.looks(coin, side), Terms(INTEREST, WIDTH, YEAR), opens)


RULES: dict[Strategy, tuple[str, ...]] = {
    "correct": ("correct", "right"),
    "no_clamp": ("no_clamp", "noclamp"),
    "long_only": ("long_only",),
    "carry": ("carry",),
}
"""Deviation with the clamp, without it, with it and only long the coin; always long the coin: `theory.md` 4."""


def _sharpe(market: Market, choice: Choice, path: Path) -> float:
    rule = list(RULES)[which(market.check.name, path, *RULES.values())]
    coin, side = _coin(market, path), choice["side"]
    return _varied(performance(market.looks(coin, side), _held(market, side, coin, rule)).sharpe)


def _varied(sharpe: float) -> float:
    if not math.isfinite(sharpe):
        raise Unread("gains that never change have no Sharpe ratio")
    return sharpe


def _carry(market: Market, choice: Choice, path: Path) -> float:
    """Return or largest fall of the trade that is always on, per cent."""
    fell = which(market.check.name, path, ("return", "ret", "gain"), ("maxdd", "drawdown", "max_drawdown", "dd"))
    coin, side = _coin(market, path), choice["side"]
    found: Performance = performance(market.looks(coin, side), _held(market, side, coin, "carry"))
    falls = {"of the sum of gains": found.drawdown, "compounded": found.drawdown_compounded}
    return PERCENT * (falls[choice["fall"]] if fell else found.gain_1y)


def _by_tier(market: Market, choice: Choice, path: Path) -> float:
    """Sharpe ratio after fees, and after fees and half of the perpetual's spread at each trade."""
    tier = which(market.check.name, path[:-1] if path and path[-1].isdecimal() else path, *((name, name[:3]) for name in THRESHOLDS))
    spread = which("fee", path, ("fee", "fees"), ("spread", "fee_spread", "with_spread"))
    coin, side, opens = _coin(market, path), choice["side"], list(THRESHOLDS.values())[tier]
    looks, half = together(lambda: market.looks(coin, side), partial(_half_spread, market, coin) if spread else float)
    return _varied(performance(looks, _held(market, side, coin, "correct", opens), opens / YEAR / 2 + half).sharpe)


def _half_spread(market: Market, coin: str) -> float:
    """Half of the median spread of the perpetual over the window, a fraction of the price; every hour must have a quote."""
    import polars as pl

    span, symbol = market.span(coin), symbol_of(market.shelf, market.venue, coin)
    rows = market.shelf.part(BOOK_MESSAGES, span, symbol=symbol, venue=market.venue)
    quotes = rows.filter(pl.col("kind") != "change").select(
        "ts", pl.col("bid_prices").list.first().alias("bid"), pl.col("ask_prices").list.first().alias("ask")
    )
    quotes = quotes.drop_nulls()
    hours = quotes["ts"].dt.truncate("1h").n_unique()
    if hours < COVERED * span.hours:
        raise Wanting(f"best quotes of {market.venue} {symbol} in every hour, {span} (held: {hours / span.hours:.0%})")
    relative = (quotes["ask"] - quotes["bid"]) / (quotes["ask"] + quotes["bid"])  # half of the spread over the mid price
    return float(relative.median())  # type: ignore[arg-type]  # a column of numbers


def _days(at: npt.NDArray[np.int64], values: Floats) -> pl.DataFrame:
    """Mean of each UTC day (ms of its start) of values observed at closes."""
    import polars as pl

    frame = pl.DataFrame({"day": (at - 1) // MS_PER_DAY * MS_PER_DAY, "value": values})
    return frame.group_by("day").agg(pl.col("value").mean()).sort("day")


def _regression(market: Market, choice: Choice, path: Path) -> float:
    """Slope or R2 of daily deviations of all coins on time (years), the past return of the coin and its volatility."""
    import polars as pl

    _all_coins(market, path)
    name = which("", path, ("time",), ("ret", "return"), ("vol", "volatility"), ("r2",))
    rows = pl.concat(together(*(partial(_daily_panel, market, choice, coin) for coin in PANEL))).drop_nulls().sort("day", "coin")
    names = ["time", "ret", "vol"]
    y, x = rows["value"].to_numpy(), rows.select(names).to_numpy()
    if choice["intercept"] == "one for each coin":
        fit = pooled(y, x, rows["coin"].to_numpy(), rows["day"].to_numpy(), names)
        told = [*fit.coef.tolist(), fit.r2]
    else:
        plain = ols(y, x, names)
        told = [*plain.coef.tolist()[1:], plain.r2]
    return float(told[name])


def _daily_panel(market: Market, choice: Choice, coin: str) -> pl.DataFrame:
    import polars as pl

    span, side = market.span(coin), choice["side"]
    earlier = Span(span.start - (PAST_DAYS + 1) * MS_PER_DAY, span.end)
    looks, midnights = together(lambda: market.looks(coin, side), partial(_midnights, market, coin, earlier))
    days = _days(looks.at, market.deviations(coin, side))
    window = int(choice["volatility"].split()[0])
    grid = pl.DataFrame({"close_at": range(earlier.start, earlier.end + 1, MS_PER_DAY)}).join(midnights, on="close_at", how="left")
    close = pl.col("close_quote")
    daily = close.log().diff()
    scale = PERCENT if choice["volatility"].endswith("per cent a day") else math.sqrt(365)
    past = grid.select(
        pl.col("close_at").alias("day"),
        (close / close.shift(PAST_DAYS) - 1).alias("ret"),
        (daily.rolling_std(window) * scale).alias("vol"),
    )
    since = market.span(PANEL[0]).start
    return days.join(past, on="day").with_columns(((pl.col("day") - since) / (365 * MS_PER_DAY)).alias("time"), pl.lit(coin).alias("coin"))


def _midnights(market: Market, coin: str, span: Span) -> pl.DataFrame:
    """Select closes of the coin at midnight."""
    import polars as pl

    spot = spot_of(market.venue, symbol_of(market.shelf, market.venue, coin), coin)
    found = closes(market.shelf, *spot, "spot", span).filter(pl.col("close_at") % MS_PER_DAY == 0)
    if found.height * MS_PER_DAY < COVERED * (span.end - span.start):
        share = found.height * MS_PER_DAY / (span.end - span.start)
        raise Wanting(f"hourly closes of {' '.join(spot)} spot, {span} (midnights held: {share:.0%})")
    return found


def _event(market: Market, choice: Choice, path: Path) -> float:
    """Mean deviation of all coins in the days before (0) and from (1) an event, and the t of their difference (2)."""
    import numpy as np
    import polars as pl

    _all_coins(market, path)
    told = _EVENT.search(f"{market.check.told} {market.check.note} {market.data}")
    days = next((found[1] for part in path[:-1] if (found := _LENGTH.fullmatch(part))), None)
    if told is None or days is None:
        raise Unread(f"the check does not name {'the day of the event' if told is None else 'the days on both sides of the event'}")
    wanted = which("", path[1:], ("pre", "before"), ("post", "after"), ("t",))
    event, length = to_ms(f"{told[1]}T00:00:00Z"), int(days)

    def sizes(coin: str) -> pl.DataFrame:
        rho = market.deviations(coin, choice["side"])
        days = _days(market.looks(coin, choice["side"]).at, np.abs(rho) if choice["size"] == "of each hour" else rho)
        return days.with_columns(pl.col("value").abs())

    each = together(*(partial(sizes, coin) for coin in PANEL))
    mean = pl.concat(each).group_by("day").agg(pl.col("value").mean()).sort("day")
    near = mean.filter((pl.col("day") >= event - length * MS_PER_DAY) & (pl.col("day") < event + length * MS_PER_DAY))
    if near.height < 2 * length:
        raise Wanting(f"{length} days on both sides of {told[1]}")
    after, value = (near["day"] >= event).to_numpy(), near["value"].to_numpy()
    if wanted == T_VALUE:
        return ols(value, after.astype(np.float64), ["after"]).of("after").t
    return float(value[after].mean() if wanted else value[~after].mean())


def _impact(market: Market, choice: Choice, path: Path) -> float:
    """Change of the premium over an hour (bp) per point of net taker buying (per cent of volume), by size of the deviation before it."""
    import numpy as np
    import polars as pl

    _all_coins(market, path)
    third = which(market.check.name, path, ("low",), ("middle", "mid", "medium"), ("high",))

    def moved(coin: str) -> tuple[Floats, Floats]:
        looks, bars = together(lambda: market.looks(coin, choice["side"]), partial(_imbalance, market, coin))
        flow = pl.DataFrame({"look": looks.at}).join(bars, on="look", how="left", maintain_order="left")["flow"].to_numpy()
        rho, premium = np.abs(market.deviations(coin, choice["side"])), 1 - looks.spot / looks.perp
        cuts = np.quantile(rho, [1 / 3, 2 / 3])
        chosen = np.isfinite(flow[1:]) & (np.diff(looks.at) == MS_PER_HOUR) & (np.searchsorted(cuts, rho[:-1]) == third)
        return BP * np.diff(premium)[chosen], flow[1:][chosen]

    moves, flows = zip(*together(*(partial(moved, coin) for coin in PANEL)), strict=True)
    return ols(np.concatenate(moves), np.concatenate(flows), ["imbalance"]).of("imbalance").coef


def _imbalance(market: Market, coin: str) -> pl.DataFrame:
    """Net taker buying of each hour: look (ms, its close) and flow, per cent of its volume."""
    import polars as pl

    span, symbol = market.span(coin), symbol_of(market.shelf, market.venue, coin)
    rows = market.shelf.part(PRICES, span, bar_hours=1.0, market="linear", symbol=symbol, venue=market.venue)
    flow = PERCENT * (2 * pl.col("taker_buy_base") / pl.col("volume_base") - 1)
    bars = rows.filter(pl.col("volume_base") > 0).select((pl.col("ts").dt.epoch("ms") + MS_PER_HOUR).alias("look"), flow.alias("flow"))
    held = bars.drop_nulls().unique("look", keep="first")
    if held.height < COVERED * span.hours:
        share = held.height / span.hours
        raise Wanting(f"hourly volume of {market.venue} {symbol} with what takers bought of it, {span} (held: {share:.0%})")
    return held


def _half_life(market: Market, choice: Choice, path: Path) -> float:
    """Hours after which half of a premium is gone."""
    import numpy as np

    hours = market.asked(_coin(market, path)).basis()
    at, premium = hours["close_at"].to_numpy(), (1 - hours["close_quote_spot"] / hours["close_quote"]).to_numpy()
    near = np.diff(at) == MS_PER_HOUR
    share = pull(premium[:-1][near], np.diff(premium)[near]).share
    return half_life(share) if choice["decay"] == "from hour to hour" else math.log(2) / share


KINDS = (
    Kind(r"portfolio_margin|_event_study", _event, {"size": ("of each hour", "of the mean of a day")}),
    Kind(r"price_impact", _impact),
    Kind(r"half_?life", _half_life, {"decay": ("from hour to hour", "continuous")}, rated=False),
    Kind(r"_rho_pre_post|_rho_before_after", _around_a_year),
    Kind(
        r"_rho_on_",
        _regression,
        {
            "volatility": tuple(f"{days} days, {unit}" for days in (30, PAST_DAYS) for unit in ("a year", "in per cent a day")),
            "intercept": ("one", "one for each coin"),
        },
    ),
    Kind(r"_rho_", _moment),
    Kind(r"sharpe.*_fees?_|_fees?_.*sharpe", _by_tier),
    Kind(r"sharpe", _sharpe),
    Kind(r"carry.*(?:maxdd|drawdown)|(?:maxdd|drawdown).*carry", _carry, {"fall": ("of the sum of gains", "compounded")}),
)
"""Kinds of tables, the first that fits."""
