"""What does freqtrade's backtest make of the known case? Run with freqtrade's Python on the folder of write_events.py.

The market is written down in freqtrade.json, for a backtest without a network; with one, freqtrade asks the exchange for it.
"""

from __future__ import annotations

import json
import logging
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import freqtrade  # type: ignore[import-not-found]  # an engine of its own environment
from freqtrade.enums import RunMode  # type: ignore[import-not-found]  # as above
from freqtrade.optimize.backtesting import Backtesting  # type: ignore[import-not-found]  # as above
from freqtrade.resolvers import ExchangeResolver  # type: ignore[import-not-found]  # as above

GIVEN = json.loads(Path(__file__).with_name("freqtrade.json").read_text())


def config(folder: Path, data: Path) -> dict[str, Any]:
    """Return a config; `_ft_has_params` tells freqtrade on which grid the bridge stamped its candles."""
    asked: dict[str, Any] = deepcopy(GIVEN["config"])
    asked["exchange"]["_ft_has_params"] = json.loads((data / "settings.json").read_text())
    strategies = str(Path(__file__).with_name("strategies"))
    return asked | {"runmode": RunMode.BACKTEST, "strategy_path": strategies, "user_data_dir": folder, "datadir": data}


def total(folder: Path, data: Path) -> float:
    """Run the backtest and return the funding of all its trades."""
    asked = config(folder, data)
    exchange = ExchangeResolver.load_exchange(asked, validate=False)
    exchange._api.set_markets({GIVEN["market"]["symbol"]: GIVEN["market"]})  # noqa: SLF001 - in place of the network
    exchange._markets = exchange._api.markets  # noqa: SLF001 - in place of the network
    exchange._leverage_tiers = {GIVEN["market"]["symbol"]: [GIVEN["tier"]]}  # noqa: SLF001 - in place of the network
    backtest = Backtesting(asked, exchange=exchange)
    candles, window = backtest.load_bt_data()
    backtest._load_bt_data_detail()  # noqa: SLF001 - loads the funding and mark candles, as `start` does
    strategy = backtest.strategylist[0]
    backtest.backtest_one_strategy(strategy, candles, window)
    trades = backtest.all_bt_content[strategy.get_strategy_name()]["results"]
    return float(trades["funding_fees"].sum())


def main(folder: Path) -> None:
    """Print the total with candles at the stamp, and with candles one minute late."""
    logging.disable(logging.WARNING)
    told = {
        "engine": f"freqtrade {freqtrade.__version__}",
        "on_stamp": total(folder, folder / "late_0"),
        "late": total(folder, folder / "late_1"),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
