"""Which positions did the account hold? A freqtrade strategy that repeats a history of positions from held.json."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from freqtrade.strategy import IStrategy  # type: ignore[import-not-found]  # an engine of its own environment


class Held(IStrategy):  # type: ignore[misc]  # its class is known in freqtrade's environment only
    """Holds what the file says, from the open of each candle on."""

    INTERFACE_VERSION = 3
    timeframe = "30m"
    can_short = True
    stoploss = -0.99
    minimal_roi: ClassVar[dict[str, float]] = {}
    position_adjustment_enable = True
    startup_candle_count = 0

    def changes(self) -> dict[int, tuple[float, float]]:
        """Return ms -> contracts before and after."""
        held = json.loads((Path(self.config["user_data_dir"]) / "held.json").read_text())["held"]
        before = [0.0, *(quantity for _, quantity in held)]
        return {at: (old, new) for (at, new), old in zip(held, before, strict=False)}

    def populate_indicators(self, dataframe: Any, metadata: dict[str, str]) -> Any:  # noqa: ANN401, ARG002 - freqtrade's signature, a pandas frame
        """Need none."""
        return dataframe

    def populate_entry_trend(self, dataframe: Any, metadata: dict[str, str]) -> Any:  # noqa: ANN401, ARG002 - freqtrade's signature, a pandas frame
        """Signal in the candle before the one in which a new trade opens."""
        for at, (old, new) in self.changes().items():
            if new and old * new <= 0:
                dataframe.loc[self.before(dataframe, at), "enter_long" if new > 0 else "enter_short"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: Any, metadata: dict[str, str]) -> Any:  # noqa: ANN401, ARG002 - freqtrade's signature, a pandas frame
        """Signal in the candle before the one in which a trade closes."""
        for at, (old, new) in self.changes().items():
            if old and old * new <= 0:
                dataframe.loc[self.before(dataframe, at), "exit_long" if old > 0 else "exit_short"] = 1
        return dataframe

    @staticmethod
    def before(dataframe: Any, at: int) -> Any:  # noqa: ANN401 - pandas, as above
        """Return whether each candle closes at a time (ms)."""
        return (dataframe["date"].dt.as_unit("ms").astype("int64") + 1_800_000) == at

    def leverage(self, *_args: object, **_named: object) -> float:
        """Borrow nothing."""
        return 1.0

    def custom_stake_amount(self, current_time: datetime, current_rate: float, **_named: object) -> float:
        """Pay for the contracts to be held."""
        return abs(self.changes()[round(current_time.timestamp() * 1000)][1]) * current_rate

    def adjust_trade_position(
        self,
        trade: Any,  # noqa: ANN401 - freqtrade's trade
        current_time: datetime,
        current_rate: float,
        *_args: object,
        **_named: object,
    ) -> float | None:
        """Add or take contracts where the sign stays."""
        old, new = self.changes().get(round(current_time.timestamp() * 1000), (0.0, 0.0))
        grows = old * new > 0 and trade.amount == abs(old)
        return (abs(new) - abs(old)) * current_rate if grows else None
