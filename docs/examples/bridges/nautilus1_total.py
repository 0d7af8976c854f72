"""What does NautilusTrader 1 make of the known case? It charges nobody for funding; a simulation module of a few lines does."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nautilus_trader.backtest.config import SimulationModuleConfig  # type: ignore[import-not-found]  # an engine of its own environment
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig  # type: ignore[import-not-found]  # as above
from nautilus_trader.backtest.modules import SimulationModule  # type: ignore[import-not-found]  # as above
from nautilus_trader.config import LoggingConfig, StrategyConfig  # type: ignore[import-not-found]  # as above
from nautilus_trader.model import data, enums, identifiers, instruments, objects  # type: ignore[import-not-found]  # as above
from nautilus_trader.trading.strategy import Strategy  # type: ignore[import-not-found]  # as above

NS_PER_MS = 1_000_000
HALF_HOUR_MS = 1_800_000
PERP = identifiers.InstrumentId.from_str("BTCUSDT-PERP.KNOWN")
USDT, BTC = objects.Currency.from_str("USDT"), objects.Currency.from_str("BTC")
ZERO = Decimal(0)


class FundingModule(SimulationModule):  # type: ignore[misc]  # its class is known in the engine's environment only
    """Pays each settlement once the clock has passed its stamp, to whoever held at it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(SimulationModuleConfig())
        marks = {row["ts_event"]: Decimal(row["value"]) for row in json.loads((folder / "marks.json").read_text())}
        rates = json.loads((folder / "rates.json").read_text())
        self.due = [(row["ts_event"], Decimal(row["rate"]) * marks[row["ts_event"]]) for row in rates]

    def pre_process(self, tick: Any) -> None:  # noqa: ANN401 - an engine's object
        """Settle what lies before this datum, which has not been traded on yet."""
        self.settle(tick.ts_init - 1)

    def settle(self, until: int) -> None:
        """Pay all settlements up to a time (ns); once more after the run, for those behind the last datum."""
        while self.due and self.due[0][0] <= until:
            _, owed = self.due.pop(0)
            held = sum(Decimal(str(p.signed_qty)) for p in self.exchange.cache.positions_open(instrument_id=PERP))
            if held:
                self.exchange.adjust_account(objects.Money(-held * owed, USDT))

    def process(self, ts_now: int) -> None:
        """Nothing: orders at this instant may not be filled yet."""

    def log_diagnostics(self, logger: object) -> None:
        """Nothing to say."""

    def reset(self) -> None:
        """Nothing to undo: a module serves one run."""


class Held(Strategy):  # type: ignore[misc]  # its class is known in the engine's environment only
    """Holds what the file says, from each quote on."""

    def follow(self, held: list[list[int]]) -> Held:
        """Take ms and contracts held from then on."""
        self.orders = {at * NS_PER_MS: new - old for (at, new), (_, old) in zip(held, [[0, 0], *held], strict=False)}
        return self

    def on_start(self) -> None:
        """Ask for quotes."""
        self.subscribe_quote_ticks(PERP)

    def on_quote_tick(self, tick: Any) -> None:  # noqa: ANN401 - an engine's object
        """Trade the change that is due now."""
        change = self.orders.pop(tick.ts_event, 0)
        if change:
            side = enums.OrderSide.BUY if change > 0 else enums.OrderSide.SELL
            self.submit_order(self.order_factory.market(PERP, side, objects.Quantity.from_str(f"{abs(change)}.000")))


def updates(folder: Path, case: dict[str, Any]) -> list[Any]:
    """Return quotes at one price, and the bridge's funding rates, which strategies see and nobody pays."""
    price, many = objects.Price.from_str(f"{case['price']:.2f}"), objects.Quantity.from_str("1000.000")
    stamps = [ms * NS_PER_MS for ms in range(case["start"], case["end"], HALF_HOUR_MS)]
    rows = json.loads((folder / "rates.json").read_text())
    rates = [data.FundingRateUpdate(PERP, Decimal(r["rate"]), r["ts_event"], r["ts_init"], r["next_funding_ns"]) for r in rows]
    return [*(data.QuoteTick(PERP, price, price, many, many, at, at) for at in stamps), *rates]


def total(folder: Path, modules: list[Any]) -> Decimal:
    """Run the case and return how the balance moved: price and fees are nought, so all of it is funding."""
    case = json.loads((folder / "held.json").read_text())
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    venue, cash = identifiers.Venue("KNOWN"), objects.Money(case["cash"], USDT)
    engine.add_venue(venue, enums.OmsType.NETTING, enums.AccountType.MARGIN, [cash], modules=modules)
    step, lot = objects.Price.from_str("0.01"), objects.Quantity.from_str("0.001")
    names = (PERP, identifiers.Symbol("BTCUSDT"), BTC, USDT, USDT)
    none = {"margin_init": ZERO, "margin_maint": ZERO, "maker_fee": ZERO, "taker_fee": ZERO}
    engine.add_instrument(instruments.CryptoPerpetual(*names, False, 2, 3, step, lot, 0, 0, **none))  # noqa: FBT003 - the engine's order
    given = updates(folder, case)
    engine.add_data([one for one in given if isinstance(one, data.QuoteTick)])
    engine.add_data([one for one in given if not isinstance(one, data.QuoteTick)])
    engine.add_strategy(Held(StrategyConfig()).follow(case["held"]))
    engine.run()
    for module in modules:
        module.settle(case["end"] * NS_PER_MS)
    balance: Decimal = engine.cache.account_for_venue(venue).balance_total(USDT).as_decimal()
    return balance - Decimal(case["cash"])


def main(folder: Path) -> None:
    """Print the total of the engine alone, and with the module."""
    told = {
        "engine": f"nautilus_trader {version('nautilus_trader')}",
        "alone": str(total(folder, [])),
        "total": str(total(folder, [FundingModule(folder)])),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
