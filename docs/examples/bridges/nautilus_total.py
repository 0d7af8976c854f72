"""What does NautilusTrader 2 make of the known case? Its simulated venue settles funding itself, from our updates."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

from nautilus_trader import model  # type: ignore[import-not-found]  # an engine of its own environment
from nautilus_trader.backtest import BacktestEngine, BacktestEngineConfig  # type: ignore[import-not-found]  # as above
from nautilus_trader.common import LoggerConfig, LogLevel  # type: ignore[import-not-found]  # as above
from nautilus_trader.execution import MakerTakerFeeModel  # type: ignore[import-not-found]  # as above
from nautilus_trader.trading import Strategy, StrategyConfig  # type: ignore[import-not-found]  # as above

NS_PER_MS = 1_000_000
HALF_HOUR_MS = 1_800_000
PERP = model.InstrumentId.from_str("BTCUSDT-PERP.KNOWN")
USDT, BTC = model.Currency.from_str("USDT"), model.Currency.from_str("BTC")
ZERO = Decimal(0)


def perpetual() -> Any:  # noqa: ANN401 - an engine's object, unknown where types are checked
    """Return the contract, without margin, so that nothing but funding moves the balance."""
    price, quantity = model.Price.from_str("0.01"), model.Quantity.from_str("0.001")
    names = (PERP, model.Symbol("BTCUSDT"), BTC, USDT, USDT)
    return model.CryptoPerpetual(*names, is_inverse=False, price_precision=2, size_precision=3, price_increment=price,
                                 size_increment=quantity, ts_event=0, ts_init=0, margin_init=ZERO, margin_maint=ZERO)  # fmt: skip


def quotes(case: dict[str, Any]) -> list[Any]:
    """Return a quote every half hour at one price."""
    price, many = model.Price.from_str(f"{case['price']:.2f}"), model.Quantity.from_str("1000.000")
    stamps = [ms * NS_PER_MS for ms in range(case["start"], case["end"], HALF_HOUR_MS)]
    return [model.QuoteTick(PERP, price, price, many, many, at, at) for at in stamps]


def settlements(folder: Path, *, as_published: bool) -> list[Any]:
    """Return the bridge's mark prices and funding rates as the engine's objects; as published: 7 ms late, without the next stamp."""
    rows = json.loads((folder / "rates.json").read_text())
    rates = [
        model.FundingRateUpdate(PERP, Decimal(row["rate"]), row["ts_event"], row["ts_init"], row["interval"], row["next_funding_ns"])
        for row in rows
        if not as_published
    ]
    late = 7 * NS_PER_MS
    rates += [
        model.FundingRateUpdate(PERP, Decimal(row["rate"]), row["ts_event"] + late, row["ts_init"] + late, row["interval"], None)
        for row in rows
        if as_published
    ]
    marks = [
        model.MarkPriceUpdate(PERP, model.Price.from_str(row["value"]), row["ts_event"], row["ts_init"])
        for row in json.loads((folder / "marks.json").read_text())
    ]
    return [*marks, *rates]


class Held(Strategy):  # type: ignore[misc]  # its class is known in the engine's environment only
    """Holds what the file says, from each quote on."""

    def follow(self, held: list[list[int]]) -> Held:
        """Take ms and contracts held from then on."""
        self.orders = {at * NS_PER_MS: new - old for (at, new), (_, old) in zip(held, [[0, 0], *held], strict=False)}
        return self

    def on_start(self) -> None:
        """Ask for quotes."""
        self.subscribe_quotes(PERP)

    def on_quote(self, tick: Any) -> None:  # noqa: ANN401 - an engine's object
        """Trade the change that is due now."""
        change = self.orders.pop(tick.ts_event, 0)
        if change:
            side = model.OrderSide.BUY if change > 0 else model.OrderSide.SELL
            self.submit_order(self.order_factory.market(PERP, side, model.Quantity.from_str(f"{abs(change)}.000")))


def total(folder: Path, *, as_published: bool = False) -> Decimal:
    """Run the case and return how the balance moved: price and fees are nought, so all of it is funding."""
    case = json.loads((folder / "held.json").read_text())
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggerConfig(stdout_level=LogLevel.OFF)))
    venue, cash = model.Venue("KNOWN"), model.Money.from_str(f"{case['cash']} USDT")
    free = MakerTakerFeeModel(ZERO, ZERO)
    engine.add_venue(venue, model.OmsType.NETTING, model.AccountType.MARGIN, [cash], fee_model=free)
    engine.add_instrument(perpetual())
    engine.add_data([*quotes(case), *settlements(folder, as_published=as_published)])
    engine.add_strategy(Held(StrategyConfig()).follow(case["held"]))
    engine.run()
    balance: Decimal = engine.cache.account_for_venue(venue).balance_total(USDT).as_decimal()
    engine.dispose()
    return balance - Decimal(case["cash"])


def main(folder: Path) -> None:
    """Print the total of the bridge's updates, and of updates as a venue publishes them."""
    told = {
        "engine": f"nautilus_trader {version('nautilus_trader')}",
        "total": str(total(folder)),
        "as_published": str(total(folder, as_published=True)),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
