"""Do tables on deviations and their trades become live with lending rates, volumes and quotes, and come to what a plain loop comes to?"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm

from perpscope.claims.theory.checks import Check
from perpscope.claims.theory.verdict import judge
from perpscope.market.table import BOOK_MESSAGES, CONTEXTS, LENDING_RATES, PRICES
from perpscope.market.time import to_ms
from tests.unit.claims.held import funding, held, prices
from tests.unit.claims.theory.made import of_data

if TYPE_CHECKING:
    from perpscope.claims.theory.outcome import Verdict
    from perpscope.market.table import Table

COINS = ("BTC", "ETH", "BNB", "DOGE", "ADA")
START, END, EARLIER = (to_ms(f"{day}T00:00:00Z") for day in ("2021-12-20", "2022-02-20", "2021-08-01"))
HOUR, DAY = 3_600_000, 86_400_000
N = (END - START) // HOUR
DATA = "Binance USD-M perps + spot, hourly, 2021-12-20..2022-02-19; r = mean Aave USDT/DAI rate"
KAPPA, IOTA, WIDTH = 1095.0, 0.1095, 0.5475
Frame = tuple["Table", pl.DataFrame]


def _stamps(values: list[int]) -> pl.Series:
    return pl.Series(values, dtype=pl.Int64).cast(pl.Datetime("ms", "UTC"))


class Invented:
    """Five perpetuals with coins, funding, taker volumes, quotes and lending rates, all drawn."""

    def __init__(self) -> None:
        rng = np.random.default_rng(7)
        before = (START - EARLIER) // HOUR
        self.past, self.spot, self.perp, self.rate, self.flow = ({coin: np.empty(0) for coin in COINS} for _ in range(5))
        self.spread = {coin: 2e-5 * (k + 1) for k, coin in enumerate(COINS)}
        for k, coin in enumerate(COINS):
            path = 100 * np.exp(np.cumsum(rng.normal(0, 0.006, before + N)))
            premium = np.zeros(N)
            for i in range(1, N):
                premium[i] = 0.9 * premium[i - 1] + rng.normal(-1e-5 * k, 3e-4)
            self.past[coin], self.spot[coin] = path, path[before:]
            self.perp[coin] = self.spot[coin] / (1 - premium)
            self.rate[coin] = rng.normal(1e-4, 1e-4, N // 8)
            self.flow[coin] = rng.uniform(0.2, 0.8, N)
        days = (END - START) // DAY
        self.lent = {"USDT": rng.uniform(0.02, 0.2, days + 1), "DAI": rng.uniform(0.02, 0.2, days + 1)}

    def frames(self, *, without: frozenset[str] = frozenset()) -> list[Frame]:
        made: list[Frame] = []
        for coin in COINS:
            made.append(prices("binance", f"{coin}/USDT", EARLIER, self.past[coin].tolist()))
            table, bars = prices("binanceusdm", f"{coin}/USDT:USDT", START, self.perp[coin].tolist(), market="linear")
            taken = [pl.lit(50.0).alias("volume_base"), pl.Series("taker_buy_base", 50.0 * self.flow[coin])]
            made.append((table, bars if "flow" in without else bars.with_columns(taken)))
            made.append(funding("binanceusdm", f"{coin}/USDT:USDT", START, self.rate[coin].tolist()))
            if "quotes" not in without:
                made.append(self._quotes(coin))
        if "rates" not in without:
            made += [self._lending(asset) for asset in self.lent]
        return made

    def _quotes(self, coin: str) -> Frame:
        half = self.spread[coin] / 2
        frame = pl.DataFrame(
            {
                "ts": _stamps([START + k * HOUR + 1 for k in range(N)]),
                "sequence": list(range(N)),
                "bid_prices": [[100 * (1 - half), 50.0]] * N,
                "ask_prices": [[100 * (1 + half), 150.0]] * N,
            }
        )
        who = {"venue": "binanceusdm", "native_id": f"{coin}USDT", "symbol": f"{coin}/USDT:USDT", "market": "linear", "market_list": ""}
        return BOOK_MESSAGES, frame.with_columns(pl.lit(v).alias(n) for n, v in {**who, "kind": "top", "source": "made"}.items())

    def _lending(self, asset: str) -> Frame:
        stamps = _stamps([START + k * DAY for k in range(len(self.lent[asset]))])
        who = {
            "venue": "aave",
            "native_id": asset,
            "symbol": asset,
            "market": "lending",
            "market_list": "",
            "side": "supply",
            "source": "m",
        }
        frame = pl.DataFrame({"ts": stamps, "lending_rate_1y": self.lent[asset]})
        return LENDING_RATES, frame.with_columns(pl.lit(v).alias(n) for n, v in who.items())

    def carry(self) -> np.ndarray:
        """Mean lending rate known at each close, which is an hour after each open."""
        mean = (self.lent["USDT"] + self.lent["DAI"]) / 2
        return np.array([mean[(k + 1) // 24] for k in range(N)])

    def rho(self, coin: str, width: float = WIDTH) -> np.ndarray:
        """Deviations by the printed formula."""
        r = self.carry()
        return np.asarray(KAPPA * (self.perp[coin] - self.spot[coin]) / self.perp[coin] + np.sign(IOTA - r) * width - r)

    def traded(self, coin: str, rule: str, opens: float = 0.0, cost: float = 0.0) -> tuple[float, float, float]:
        """Gain a year, Sharpe ratio of active hours and largest fall of the sum, step by step."""
        rho, r = self.rho(coin, 0.0 if rule == "no_clamp" else WIDTH), self.carry()
        place, gained, active, total, top, fall = 0, [], [], 0.0, 0.0, 0.0
        for k in range(N - 1):
            now = place
            if rule == "carry":
                now = 1
            else:
                if (place == 1 and rho[k] <= 0) or (place == -1 and rho[k] >= 0):
                    now = 0
                if now == 0 and rho[k] > opens:
                    now = 1
                elif now == 0 and rho[k] < -opens and rule != "long_only":
                    now = -1
            coin_return = self.spot[coin][k + 1] / self.spot[coin][k] - 1
            perp_return = self.perp[coin][k + 1] / self.perp[coin][k] - 1
            paid = self.rate[coin][(k + 2) // 8 - 1] if (k + 2) % 8 == 0 else 0.0
            gain = now * (coin_return - perp_return + paid - r[k] / 8760) - cost * abs(now - place)
            if now or place:
                active.append(gain)
            gained.append(gain)
            total += gain
            top = max(top, total)
            fall = min(fall, total - top)
            place = now
        years = (N - 1) / 8760
        return sum(gained) / years, float(np.mean(active) / np.std(active, ddof=1) * math.sqrt(len(active) / years)), fall


@pytest.fixture(scope="module")
def market() -> Invented:
    return Invented()


def _check(name: str, expected: Any, *, data: str = DATA, tol: float = 1e-7, **more: Any) -> Check:  # noqa: ANN401 - as files hold it
    return of_data(name, expected, data, tol, **more)


def _tried(market: Invented, name: str, expected: Any, **more: Any) -> Verdict:  # noqa: ANN401 - as files hold it
    """Judge a check that must pass, and see that no number of it may be another."""
    shelf = held(*market.frames())
    found = judge(_check(name, expected, **more), shelf)
    assert found.status == "pass", found.reason
    for part in found.parts:
        path = part["name"].split(".")
        wrong = json.loads(json.dumps(expected))
        here = wrong
        for step in path[:-1]:
            here = here[step if isinstance(here, dict) else int(step)]
        last = path[-1] if isinstance(here, dict) else int(path[-1])
        here[last] += 0.01 * max(1.0, abs(here[last]))
        missed = judge(_check(name, wrong, **more), shelf)
        assert (missed.status, part["name"] in missed.reason) == ("fail", True)
    return found


def test_moments_of_the_deviation(market: Invented) -> None:
    expected = {coin: [float(market.rho(coin).mean()), float(market.rho(coin).std(ddof=1))] for coin in COINS}
    found = _tried(market, "he_tab4_rho_mean_std", expected)
    assert {used["table"] for used in found.data} == {"prices", "funding", "lending_rates"}
    cut = (to_ms("2022-01-01T00:00:00Z") - START) // HOUR
    split = {coin: [float(market.rho(coin)[:cut].mean()), float(market.rho(coin)[cut:].mean())] for coin in COINS}
    _tried(market, "he_tab4_rho_pre_post_2022", split)


def test_the_four_rules_of_trading(market: Invented) -> None:
    rules = ("correct", "no_clamp", "long_only", "carry")
    _tried(market, "he_tab6_sharpe", {rule: {coin: market.traded(coin, rule)[1] for coin in COINS[:2]} for rule in rules})
    pairs = {coin: [100 * market.traded(coin, "carry")[0], 100 * market.traded(coin, "carry")[2]] for coin in COINS}
    _tried(market, "he_tab6_carry_return_maxdd", pairs)


def test_fees_raise_the_threshold_and_spreads_the_cost(market: Invented) -> None:
    tiers = {"no": 0.0, "low": 0.532, "medium": 1.143}
    cost = {name: opens / KAPPA / 2 for name, opens in tiers.items()}
    wide = market.spread["BTC"] / 2
    expected = {
        name: [market.traded("BTC", "correct", opens, cost[name])[1], market.traded("BTC", "correct", opens, cost[name] + wide)[1]]
        for name, opens in tiers.items()
    }
    _tried(market, "he_tab8_sharpe_fee_tiers_BTC", expected)
    lacking = judge(_check("he_tab8_sharpe_fee_tiers_BTC", expected), held(*market.frames(without=frozenset({"quotes"}))))
    assert lacking.status == "unsupported"
    assert "best quotes of binanceusdm BTC/USDT:USDT in every hour" in lacking.reason
    assert lacking.got == {f"{name}.0": pytest.approx(value[0]) for name, value in expected.items()}


def _days(market: Invented, coin: str) -> np.ndarray:
    return np.asarray(market.rho(coin).reshape(-1, 24).mean(axis=1))


def test_the_regression_is_that_of_one_reading(market: Invented) -> None:
    rows = []
    for coin in COINS:
        midnights = np.concatenate([[np.nan], market.past[coin][23::24]])  # the close at each midnight from the earliest on
        first = (START - EARLIER) // DAY
        for day, value in enumerate(_days(market, coin)):
            at = first + day
            window = np.diff(np.log(midnights[at - 30 : at + 1]))
            rows.append((value, day / 365, midnights[at] / midnights[at - 120] - 1, np.std(window, ddof=1) * math.sqrt(365)))
    table = np.array(rows)
    fit = sm.OLS(table[:, 0], sm.add_constant(table[:, 1:])).fit()
    expected = dict(zip(("time", "ret", "vol"), fit.params[1:].tolist(), strict=True)) | {"R2": float(fit.rsquared)}
    found = _tried(market, "he_tab9_rho_on_time_ret_vol", expected)
    assert "volatility: 30 days, a year, intercept: one" in found.reason


def test_an_event_is_compared_with_the_days_before_it(market: Invented) -> None:
    mean = np.mean([np.abs(market.rho(coin)).reshape(-1, 24).mean(axis=1) for coin in COINS], axis=0)
    event = (to_ms("2022-01-20T00:00:00Z") - START) // DAY
    expected = {}
    for length in (10, 30):
        y = mean[event - length : event + length]
        after = np.repeat([0.0, 1.0], length)
        lags = math.floor(4 * (2 * length / 100) ** (2 / 9))
        fit = sm.OLS(y, sm.add_constant(after)).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True})
        expected[str(length)] = [float(y[:length].mean()), float(y[length:].mean()), float(fit.tvalues[1])]
    _tried(market, "he_tab10_portfolio_margin", expected, source="Table 10, event 2022-01-20")
    beyond = judge(_check("he_tab10_portfolio_margin", {"60": [0.2, 0.1, -2.0]}, source="event 2022-01-20"), held(*market.frames()))
    assert (beyond.status, "60 days on both sides of 2022-01-20" in beyond.reason) == ("unsupported", True)


def test_price_impact_by_thirds_of_the_deviation(market: Invented) -> None:
    moves: dict[str, list[float]] = {"low": [], "middle": [], "high": []}
    flows: dict[str, list[float]] = {"low": [], "middle": [], "high": []}
    for coin in COINS:
        size, premium = np.abs(market.rho(coin)), 1 - market.spot[coin] / market.perp[coin]
        low, high = np.quantile(size, [1 / 3, 2 / 3])
        for k in range(N - 1):
            third = "low" if size[k] <= low else "middle" if size[k] <= high else "high"
            moves[third].append(1e4 * (premium[k + 1] - premium[k]))
            flows[third].append(100 * (2 * market.flow[coin][k + 1] - 1))
    expected = {third: float(np.polyfit(flows[third], moves[third], 1)[0]) for third in moves}
    _tried(market, "he_tab11_price_impact", expected)
    lacking = judge(_check("he_tab11_price_impact", expected), held(*market.frames(without=frozenset({"flow"}))))
    assert (lacking.status, "with what takers bought of it" in lacking.reason) == ("unsupported", True)


def test_the_half_life_needs_no_lending_rate(market: Invented) -> None:
    shelf = held(*market.frames(without=frozenset({"rates", "quotes"})))
    premium = 1 - market.spot["ADA"] / market.perp["ADA"]
    slope = float(np.polyfit(premium[:-1], premium[1:], 1)[0])
    for expected in (math.log(0.5) / math.log(slope), math.log(2) / (1 - slope)):
        assert judge(_check("he_halflife_hours", {"ADA": expected}), shelf).status == "pass"
    assert judge(_check("he_halflife_hours", {"ADA": 20.0}), shelf).status == "fail"
    lacking = judge(_check("he_tab4_rho_mean_std", {"ADA": [0.1, 0.2]}), shelf)
    assert lacking.reason.startswith("data absent: lending rates (borrow or supply) of aave USDT, DAI, 2021-12-20..2022-02-19")


def test_half_of_the_lending_rates_is_none(market: Invented) -> None:
    frames = [(table, frame.head(20) if table is LENDING_RATES else frame) for table, frame in market.frames()]
    found = judge(_check("he_tab4_rho_mean_std", {"BTC": [0.1, 0.2]}), held(*frames))
    assert (found.status, "lending rates (supply) of aave USDT, DAI" in found.reason) == ("unsupported", True)
    unsaid = judge(_check("he_tab4_rho_mean_std", {"BTC": [0.1, 0.2]}, data=DATA.partition(";")[0]), held(*market.frames()))
    assert "the check does not say whose lending rates r is the mean of" in unsaid.reason


def test_rates_by_the_minute_of_enough_centralised_venues() -> None:
    start, count = to_ms("2025-11-08T00:00:00Z"), 24 * 60
    rng = np.random.default_rng(1)
    stamps = _stamps([start + k * 60_000 for k in range(count)])

    def of(venue: str, hours: float) -> tuple[np.ndarray, Frame]:
        rates = rng.normal(1e-4, 2e-4, count) * hours / 8
        who = {"venue": venue, "native_id": "BTCUSDT", "symbol": "BTC/USDT:USDT", "market": "linear", "market_list": "", "source": "made"}
        frame = pl.DataFrame({"ts": stamps, "funding_rate": rates}).with_columns(pl.lit(hours).alias("interval_hours"))
        return rates * 8 / hours * 1e4, (CONTEXTS, frame.with_columns(pl.lit(v).alias(n) for n, v in who.items()))

    one, two, chain = of("okx", 8.0), of("bybit", 4.0), of("hyperliquid", 1.0)
    both = np.concatenate([one[0], two[0]])
    expected = {"median_bp": float(np.median(both)), "mean_bp": float(both.mean()), "sd_bp": float(both.std(ddof=1))}
    data = "2 CEX, one-minute, 2025-11-08..08"
    assert judge(_check("zhivkov_cex_median", expected, data=data), held(one[1], two[1], chain[1])).status == "pass"
    wrong = judge(_check("zhivkov_cex_median", {**expected, "sd_bp": 9.0}, data=data), held(one[1], two[1], chain[1]))
    assert wrong.status == "fail"
    lacking = judge(_check("zhivkov_cex_median", expected, data=data), held(one[1], chain[1]))
    assert lacking.reason.startswith("data absent: contexts of 2 centralised venues by the minute, 2025-11-08..2025-11-08 (whole: okx)")


def _judged(market: Invented, name: str, expected: Any, *frames: Frame, **more: Any) -> Verdict:  # noqa: ANN401 - as files hold it
    return judge(_check(name, expected, **more), held(*(frames or market.frames())))


def test_a_number_may_be_named_in_many_ways(market: Invented) -> None:
    mean, wide = float(market.rho("ADA").mean()), float(market.rho("ADA").std(ddof=1))
    shapes: tuple[tuple[str, Any], ...] = (
        ("he_tab4_rho_mean_ADA", mean),
        ("he_tab4_std_of_rho_ADA", wide),
        ("he_tab4_rho", {"mean": {"ADA": mean}, "std": {"ADA": wide}}),
        ("he_tab4_rho", {"ADA": {"mean": mean, "stdev": wide}}),
        ("he_tab4_rho_mean_std", {"ada": [mean, wide]}),
    )
    for name, expected in shapes:
        assert _judged(market, name, expected).status == "pass", (name, expected)
    drop, gain = 100 * market.traded("ADA", "carry")[2], 100 * market.traded("ADA", "carry")[0]
    assert _judged(market, "he_tab6_carry_maxdd", {"ADA": drop}).status == "pass"
    assert _judged(market, "he_tab6_carry_return_maxdd", {"return": {"ADA": gain}, "maxdd": {"ADA": drop}}).status == "pass"
    assert _judged(market, "he_tab6_sharpe_long_only_ADA", market.traded("ADA", "long_only")[1]).status == "pass"


@pytest.mark.parametrize(
    ("name", "expected", "words"),
    [
        ("he_tab4_rho_mean_std", {"BTC": [0.1, 0.2, 0.3]}, "the check does not say what BTC.2 is: mean or std"),
        ("he_tab4_rho", {"BTC": 0.1}, "the check does not say what BTC is: mean or std"),
        ("he_tab4_rho_mean_std_BTC", {"mean": [0.1]}, "mean.0"),
        ("he_tab4_rho_mean", {"x": 0.1}, "of which coin x is"),
        ("he_tab6_sharpe", {"wrong": {"BTC": 1.0}}, "what wrong.BTC is: correct or no_clamp"),
        ("he_tab8_sharpe_fee", {"tiny": {"BTC": 1.0}}, "what tiny.BTC is: no or low"),
        ("he_tab9_rho_on_time", {"BTC": {"time": 1.0}}, "there is no number of BTC alone"),
        ("he_tab9_rho_on_time", {"wind": 1.0}, "what wind is: time or ret"),
        ("he_tab10_portfolio_margin", {"20": [0.1, 0.2, 0.3]}, "the day of the event"),
        ("he_tab10_portfolio_margin_event", {"\u00b2": [0.1, 0.2, 0.3]}, "the day of the event"),
        ("he_tab11_price_impact", {"huge": 0.1}, "what huge is: low or middle or high"),
    ],
)
def test_what_a_check_leaves_open_is_not_guessed(market: Invented, name: str, expected: Any, words: str) -> None:  # noqa: ANN401 - as files hold it
    found = _judged(market, name, expected)
    if "0.1" in repr(expected) and name == "he_tab4_rho_mean_std":
        assert found.status == "fail"  # its other two numbers are read, and wrong
    elif name != "he_tab4_rho_mean_std_BTC":
        assert found.status == "unsupported"
    assert words in found.reason
    assert "data absent" not in found.reason


def test_a_coin_that_is_not_held_is_not_another(market: Invented) -> None:
    found = _judged(market, "he_tab4_rho_mean_std_BTC", {"SOL": [float(market.rho("BTC").mean()), 0.1]})
    assert (found.status, "binanceusdm SOL/USDT:USDT" in found.reason) == ("unsupported", True)


def test_a_side_that_is_held_whole_goes_before_one_that_is_not(market: Invented) -> None:
    right = {"BTC": [float(market.rho("BTC").mean()), float(market.rho("BTC").std(ddof=1))]}
    late = [
        (table, frame.tail(10).with_columns(pl.lit("borrow").alias("side"))) for table, frame in market.frames() if table is LENDING_RATES
    ]
    frames = [*market.frames(), *late]
    assert _judged(market, "he_tab4_rho_mean_std", right, *frames).status == "pass"
    assert _judged(market, "he_tab4_rho_mean_std", {"BTC": [9.0, 9.0]}, *frames).status == "fail"
    stated = _judged(market, "he_tab4_rho_mean_std", right, *frames, data=DATA.replace("DAI rate", "DAI borrow rate"))
    assert (stated.status, "lending rates (borrow) of aave USDT, DAI" in stated.reason) == ("unsupported", True)


@pytest.mark.parametrize(
    "words", ["r = mean Aave USDT and DAI rates", "R = the average of Aave V2 USDT, DAI supply rates", "r = Aave USDT/DAI rate"]
)
def test_lending_rates_may_be_named_in_many_ways(market: Invented, words: str) -> None:
    right = {"BTC": [float(market.rho("BTC").mean()), float(market.rho("BTC").std(ddof=1))]}
    assert _judged(market, "he_tab4_rho_mean_std", right, data=f"{DATA.partition(';')[0]}; {words}").status == "pass"


def test_one_asset_that_is_missing_is_named(market: Invented) -> None:
    frames = [(table, frame.filter(pl.col("symbol") != "DAI") if table is LENDING_RATES else frame) for table, frame in market.frames()]
    found = _judged(market, "he_tab4_rho_mean_std", {"BTC": [0.1, 0.2]}, *frames)
    assert "data absent: lending rates (supply) of aave DAI, 2021-12-20..2022-02-19" in found.reason


def test_a_regression_needs_the_prices_before_its_window(market: Invented) -> None:
    short = [
        (table, frame.filter(pl.col("ts") >= pl.lit(START - 50 * DAY).cast(pl.Datetime("ms", "UTC"))) if table is PRICES else frame)
        for table, frame in market.frames()
    ]
    found = _judged(market, "he_tab9_rho_on_time_ret_vol", {"time": 1.0}, *short)
    assert (found.status, "midnights held" in found.reason) == ("unsupported", True)


def test_a_note_does_not_change_the_table(market: Invented) -> None:
    rho = market.rho("BTC")
    expected = {"BTC": [float(rho.mean()), float(rho.std(ddof=1))]}
    _tried(market, "he_tab4_rho_mean_std", expected, note="see the half life and the sharpe ratio")
