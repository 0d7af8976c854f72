"""Who takes part in the contest, and what does each make of the past?

`forecast(past, horizon)` is the definition: plain text over what was known at the last row of `past`, which holds nothing
later. `every(history, horizon)` gives the same for all rows at once, compiled, and equals the definition bit for bit.
Both answer in levels: basis points per 8 hours, averaged over the horizon; NaN where a model cannot say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from perpscope.analysis.forecast.history import History, kernel
from perpscope.analysis.forecast.horizons import Horizon, targets
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

REFIT_MS = 28 * 24 * MS_PER_HOUR
"""Models are fitted anew at the first settlement of every four weeks, counted from 1970."""
LEAST_ROWS = 60
"""Fewest rows a direct regression is fitted on."""


class Model(Protocol):
    """One competitor: a name, the definition, and the same for every row."""

    @property
    def name(self) -> str:
        """Name in tables."""
        ...

    def forecast(self, past: History, horizon: Horizon) -> float:
        """Level expected over the horizon after the last row of `past`."""
        ...

    def every(self, history: History, horizon: Horizon) -> Floats:
        """(n,) forecast at each row."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """A number that was known, taken for what comes: the last rate, the premium by the rule, an average of the past.

    Parameters
    ----------
    name : in tables. column : of `History.known`. number : its length in hours, where it has one.
    """

    name: str
    column: str
    number: float = 0.0

    def forecast(self, past: History, horizon: Horizon) -> float:  # noqa: ARG002 - the same for every horizon
        """Return the last row of the column, made of the past alone."""
        return float(past.known(self.column, self.number)[-1])

    def every(self, history: History, horizon: Horizon) -> Floats:  # noqa: ARG002 - the same for every horizon
        """Return the column."""
        found: Floats = history.known(self.column, self.number)
        return found


@dataclass(frozen=True, slots=True)
class Autoregression:
    """AR(p) by least squares, iterated to the horizon and averaged; refitted at the first settlement of each piece of `refit_ms`.

    Parameters
    ----------
    order : lags, in settlements; with `by_bic` the most that are tried at each refit.
    window_ms : length of the estimation window; 0 takes all of the past.
    double : weigh rows by the conditional variance of a double autoregression, y = c + sum a y + e sqrt(w + sum b y²), fitted by
        Gaussian quasi-likelihood. Its forecast of the mean differs from the AR's by the coefficients alone.

    Source: Ling (2007), "A double AR(p) model", Statistica Sinica 17; Inan (2025), SSRN 5576424, for funding rates.
    """

    name: str
    order: int
    by_bic: bool = False
    double: bool = False
    refit_ms: int = REFIT_MS
    window_ms: int = 0

    @property
    def fewest(self) -> int:
        """Fewest lags tried at a refit."""
        return 0 if self.by_bic else self.order

    def forecast(self, past: History, horizon: Horizon) -> float:
        """Fit on the rows up to the last refit, then go on from the last row of the past."""
        import numpy as np

        from perpscope.analysis.forecast._fits import autoregression, double_autoregression
        from perpscope.analysis.forecast._origins import path_mean, window_start

        anchor = last_refit(past.slot, self.refit_ms)
        value, stretch, coef = past.level[: anchor + 1], past.stretch[: anchor + 1], np.zeros(self.order + 1)
        first = window_start(past.slot[: anchor + 1], self.window_ms)
        if self.double:
            used = self.order if double_autoregression(value, stretch, self.order, first, coef, np.zeros(self.order + 1)) >= 0 else -1
        else:
            used = autoregression(value, stretch, self.order, self.fewest, first, coef)
        return path_mean(past.level, int(past.stretch[-1]), coef, used, int(horizon.steps(past)[-1]))

    def every(self, history: History, horizon: Horizon) -> Floats:
        """Fit at every refit, and go on from every row."""
        import numpy as np

        coef, used = history.once(f"{self!r}", lambda: self._coefficients(history))
        out = np.empty(len(history))
        kernel("_origins", "iterated")(history.level, history.stretch, coef, used, horizon.steps(history), out)
        return out

    def _coefficients(self, history: History) -> tuple[Floats, Ints]:
        """Coefficients in use at each row, made once for all horizons."""
        import numpy as np

        n = len(history)
        coef, used = np.zeros((n, self.order + 1)), np.empty(n, dtype=np.int64)
        first = (history.slot, history.level, history.stretch, refits(history.slot, self.refit_ms), self.order)
        if self.double:
            kernel("_origins", "fitted_doubles")(*first, self.window_ms, coef, used)
        else:
            kernel("_origins", "fitted_autoregressions")(*first, self.fewest, self.window_ms, coef, used)
        return coef, used


@dataclass(frozen=True, slots=True)
class Direct:
    """Regression of the horizon's average on what is known at its start, refitted like an AR on targets that had ended by then.

    With the rate's own means of a day, a week and a month it is the HAR of Corsi.

    Parameters
    ----------
    inputs : the regressors. window_ms : length of the estimation window; 0 takes all of the past.

    Source: Corsi (2009), Journal of Financial Econometrics 7, for the day, week and month components.
    """

    name: str
    inputs: tuple[Known, ...]
    refit_ms: int = REFIT_MS
    window_ms: int = 0

    def forecast(self, past: History, horizon: Horizon) -> float:
        """Fit on what had ended by the last refit, and apply it to the last row."""
        import numpy as np

        from perpscope.analysis.forecast._least_squares import direct
        from perpscope.analysis.forecast._origins import predicted, window_start

        anchor = last_refit(past.slot, self.refit_ms)
        told = targets(past.until(anchor), horizon)
        x, coef, out = self._inputs(past, horizon), np.zeros(len(self.inputs) + 1), np.empty(1)
        first = window_start(past.slot[: anchor + 1], self.window_ms)
        fits = direct(x[: anchor + 1], told.mean, told.end, first, anchor, LEAST_ROWS, coef)
        predicted(x[-1:], coef[None, :], np.array([1 if fits else -1]), out)
        return float(out[0])

    def every(self, history: History, horizon: Horizon) -> Floats:
        """Fit at every refit, and apply it to every row."""
        import numpy as np

        n, told, x = len(history), targets(history, horizon), self._inputs(history, horizon)
        coef, used, out = np.zeros((n, len(self.inputs) + 1)), np.empty(n, dtype=np.int64), np.empty(n)
        anchor = refits(history.slot, self.refit_ms)
        kernel("_origins", "fitted_directs")(history.slot, x, told.mean, told.end, anchor, self.window_ms, LEAST_ROWS, coef, used)
        kernel("_origins", "predicted")(x, coef, used, out)
        return out

    def _inputs(self, history: History, horizon: Horizon) -> Floats:
        return levels(self.inputs, history, horizon)


@dataclass(frozen=True, slots=True)
class Best:
    """Of several models, at each time the one whose squared errors known by then are the smallest."""

    name: str
    members: tuple[Model, ...]

    def forecast(self, past: History, horizon: Horizon) -> float:
        """Judge every forecast of the past whose target has ended, then ask the best."""
        from perpscope.analysis.forecast._origins import add_losses, forecast_of_best

        table, told = _definitions(self.members, past, horizon), targets(past, horizon)
        losses = _zeros(len(self.members))
        for row in range(len(past) - 1):
            add_losses(table[row], float(told.mean[row]), losses)
        return forecast_of_best(table[-1], losses)

    def every(self, history: History, horizon: Horizon) -> Floats:
        """Judge as time goes on."""
        import numpy as np

        told, out = targets(history, horizon), np.empty(len(history))
        kernel("_origins", "best_so_far")(levels(self.members, history, horizon), told.mean, told.end, out)
        return out


EVEN, TRIMMED, WEIGHTED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Combination:
    """Several forecasts made one: their mean, their mean without the lowest and highest, or weighted by 1 / past mean squared error.

    Parameters
    ----------
    kind : `EVEN`, `TRIMMED` or `WEIGHTED`; the weights know only targets that had ended.

    Source: Bates and Granger (1969), Operational Research Quarterly 20; Stock and Watson (2004), Journal of Forecasting 23.
    """

    name: str
    members: tuple[Model, ...]
    kind: int = EVEN

    def forecast(self, past: History, horizon: Horizon) -> float:
        """Weigh by every forecast of the past whose target has ended."""
        from perpscope.analysis.forecast._origins import add_losses, one_of_many

        losses = _zeros(len(self.members))
        if self.kind != WEIGHTED:
            import numpy as np

            return one_of_many(np.array([each.forecast(past, horizon) for each in self.members]), losses, self.kind)
        table, told = _definitions(self.members, past, horizon), targets(past, horizon)
        for row in range(len(past) - 1):
            add_losses(table[row], float(told.mean[row]), losses)
        return one_of_many(table[-1], losses, self.kind)

    def every(self, history: History, horizon: Horizon) -> Floats:
        """Weigh as time goes on."""
        import numpy as np

        told, out = targets(history, horizon), np.empty(len(history))
        kernel("_origins", "combined")(levels(self.members, history, horizon), told.mean, told.end, self.kind, out)
        return out


def last_refit(slot: Ints, every_ms: int) -> int:
    """Return the row a model in use at the last row was fitted at: the first settlement in the same piece of `every_ms`."""
    row = len(slot) - 1
    while row > 0 and slot[row - 1] // every_ms == slot[-1] // every_ms:
        row -= 1
    return row


def refits(slot: Ints, every_ms: int) -> Ints:
    """Return `last_refit` of every row."""
    import numpy as np

    out = np.empty(len(slot), dtype=np.int64)
    kernel("_origins", "anchors")(slot, every_ms, out)
    return out


def _definitions(members: tuple[Model, ...], past: History, horizon: Horizon) -> Floats:
    """Forecast of each member at each row, every one from its own past alone."""
    import numpy as np

    return np.array([[each.forecast(past.until(row), horizon) for each in members] for row in range(len(past))])


def levels(models: Sequence[Model], history: History, horizon: Horizon) -> Floats:
    """(n, k) forecast of each model at each row; each is made once for a history and a horizon."""
    import numpy as np

    return np.column_stack([_once(model, history, horizon) for model in models])


def _once(model: Model, history: History, horizon: Horizon) -> Floats:
    return history.once(f"{model!r} over {horizon.hours}", lambda: model.every(history, horizon))


def _zeros(n: int) -> Floats:
    import numpy as np

    return np.zeros(n)
