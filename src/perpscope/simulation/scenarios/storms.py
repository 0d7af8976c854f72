"""Which storms of the past are at hand?

Dates and prices are history: the windows are chosen so that the days before and after are seen, the leverages so that both survivors
and the liquidated are among them.
"""

from __future__ import annotations

from perpscope.market.time import day_ms
from perpscope.simulation.storm import Forced, Look, Storm, Trial
from perpscope.trading.trade import Collateral, Leg

MINUTE = 1 / 60
COIN = ("bitmex", "BTC/USD:BTC")
LEVERED = (2.0, 3.0, 5.0, 10.0, 25.0, 50.0)
_MINUTES = (
    "minute bars of XBTUSD in those days (stamped at the end of the minute): data import FILE --map MAP, where MAP says"
    ' [[file]] name = "FILE", facts = { table = "prices", venue = "bitmex", symbol = "XBTUSD", market = "inverse", bar = "1m",'
    ' stamp = "close", price = "trade" }'
)
_HOURS = "hourly bars of XBTUSD, to see what a coarser look would have missed"
_RATES = "settled funding of XBTUSD"


def _by_minute(name: str, says: str, start: str, end: str, halts: tuple[tuple[str, str], ...] = ()) -> Storm:
    """One contract paid in coins, long and short, seen by the minute, by the hour, and by closes of hours alone."""
    return Storm(
        name=name,
        says=says,
        start=day_ms(start),
        end=day_ms(end),
        trials=(
            Trial("long, coin margin", "naked_long", (Leg(*COIN, "long"),), LEVERED),
            Trial("short, coin margin", "naked_short", (Leg(*COIN, "short"),), LEVERED),
            Trial("long, topped up from a buffer", "naked_long", (Leg(*COIN, "long"),), (3.0, 5.0), Collateral(buffer=1.0, top_up=0.1)),
            Trial("cash and carry in coins: short at 1x", "cash_and_carry", (Leg(*COIN, "short"),), (1.0,), fixed=True),
        ),
        looks=(Look("by minute", MINUTE), Look("by hour", 1.0), Look("by closes of hours", 1.0, closes_only=True)),
        needs=(_MINUTES, _HOURS, _RATES),
        halts={"bitmex": tuple((day_ms(first), day_ms(last)) for first, last in halts)} if halts else {},
    )


_ETH = "ETH/USDT:USDT"
_FELL = Leg("binanceusdm", _ETH, "long")
_STANDS = {_FELL.name: ("binance", "ETH/USDT", "spot")}
_BTC = "BTC/USDT:USDT"

STORMS: dict[str, Storm] = {
    storm.name: storm
    for storm in (
        _by_minute(
            "covid-2020-03-12",
            "Bitcoin halves in a day on 12 and 13 March 2020; nobody traded on the venue from 02:21 to 02:38 on the second",
            "2020-03-12",
            "2020-03-14",
            (("2020-03-13T02:21:00Z", "2020-03-13T02:38:00Z"),),
        ),
        _by_minute("may-2021-05-19", "Bitcoin falls by a third in hours on 19 May 2021", "2021-05-19", "2021-05-21"),
        Storm(
            name="oct-2025-10-10",
            says="Ether spans a fifth of its price within the hour after 21:00 on 10 October 2025; winners are deleveraged",
            start=day_ms("2025-10-10"),
            end=day_ms("2025-10-12"),
            trials=(
                Trial("long", "naked_long", (_FELL,), (2.0, 3.0, 4.0, 5.0, 7.0, 10.0)),
                Trial("short", "naked_short", (Leg("binanceusdm", _ETH, "short"),), (2.0, 5.0, 10.0)),
                Trial(
                    "cash and carry",
                    "cash_and_carry",
                    (Leg("binanceusdm", _ETH, "short"), Leg("binance", "ETH/USDT", "long")),
                    (1.0, 3.0, 5.0),
                ),
            ),
            looks=(Look("marks 8 h apart", None), Look("hours of spot", None, price_of=_STANDS)),
            needs=(
                "settled funding of ETHUSDT with its mark prices (August 2025 on)",
                "hourly spot bars of ETHUSDT: no bars of the perpetual are at hand for these days",
            ),
            forced=Forced("hyperliquid", "hl_20251010_by_coin.csv.gz", "hl_20251010_positions_btc_sol_anonymised.csv.gz"),
        ),
        Storm(
            name="venue-halt",
            says="Bitcoin rises by two fifths early in January 2021, and the venue of the short leg stands still for twelve hours",
            start=day_ms("2021-01-01"),
            end=day_ms("2021-01-11"),
            trials=(
                Trial(
                    "cash and carry, topped up from a buffer",
                    "cash_and_carry",
                    (Leg("binanceusdm", _BTC, "short"), Leg("binance", "BTC/USDT", "long")),
                    (5.0, 8.0),
                    Collateral(buffer=0.6, top_up=0.1),
                ),
            ),
            looks=(Look("by hour", 1.0),),
            needs=("hourly bars of BTCUSDT, spot and perpetual, and its settled funding",),
            halts={"binanceusdm": ((day_ms("2021-01-02T06:00:00Z"), day_ms("2021-01-02T18:00:00Z")),)},
        ),
    )
}
"""Name -> storm."""
