"""What does a pandas back test make of the known case? Run with a Python that has pandas."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pandas as pd  # type: ignore[import-not-found,import-untyped,unused-ignore]  # of another environment

CASH = 1_000_000.0


def main(folder: Path) -> None:
    """Print the funding of equity curves on bars of several lengths."""
    totals = {}
    for hours in (1, 6, 8, 12, 24):
        bars = pd.read_csv(folder / f"payments_{hours}h.csv", index_col="ts", parse_dates=True)
        bars.index = bars.index + pd.Timedelta(hours=hours)  # a row may be used from the close of its bar on
        equity = CASH + bars["funding_amount"].cumsum()
        totals[f"{hours}h"] = float(equity.iloc[-1] - CASH)
    sys.stdout.write(json.dumps({"engine": f"pandas {pd.__version__}", "totals": totals}) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
