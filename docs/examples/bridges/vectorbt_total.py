"""What does vectorbt make of the known case? Run with vectorbt's Python on the folder that write_events.py filled."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-not-found,import-untyped,unused-ignore]  # of the engine's own environment
import vectorbt as vbt  # type: ignore[import-not-found]  # an engine of its own environment

CASH = 1_000_000.0


def read(path: Path) -> Any:  # noqa: ANN401 - a pandas frame, which is not installed where types are checked
    """Read a table by its bars."""
    return pd.read_csv(path, index_col="ts", parse_dates=True)


def with_funding_column(bars: Any, funding: Any) -> Any:  # noqa: ANN401 - pandas and vectorbt, as above
    """Trade the bars' orders, and beside them the funding column: worth nothing, bought at 1 for what was paid."""
    return vbt.Portfolio.from_orders(
        close=pd.DataFrame({"BTC": bars["price_quote"], "funding": funding["close"]}),
        size=pd.DataFrame({"BTC": bars["order"], "funding": funding["quantity"]}),
        price=pd.DataFrame({"BTC": bars["price_quote"], "funding": funding["order_price"]}),
        init_cash=CASH,
        cash_sharing=True,
        group_by=True,
    )


def afterwards(bars: Any) -> float:  # noqa: ANN401 - a pandas frame, as above
    """Funding of a portfolio that was run without it: what it held in each bar times what one contract owed."""
    plain = vbt.Portfolio.from_orders(close=bars["price_quote"], size=bars["order"], price=bars["price_quote"], init_cash=CASH)
    return float(np.sum(-plain.assets() * bars["funding_per_contract"]))


def main(folder: Path) -> None:
    """Print the totals that vectorbt arrives at."""
    bars, funding = read(folder / "bars.csv"), read(folder / "funding_orders.csv")
    portfolio = with_funding_column(bars, funding)
    told = {
        "engine": f"vectorbt {vbt.__version__}",
        "funding_column": float(portfolio.cash_flow(group_by=False)["funding"].sum()),
        "profit": float(portfolio.total_profit()),
        "cash": float(portfolio.cash().iloc[-1] - CASH - portfolio.cash_flow(group_by=False)["BTC"].sum()),
        "afterwards": afterwards(bars),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
