"""What are the inputs of a check worth: numbers, expressions such as "exp(.04*.25)-1", series such as "i*1e-6"?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from perpscope.claims.theory.expressions import Unreadable, Value, evaluate, spelled, tokens
from perpscope.claims.theory.symbols import meant

MOST_SAMPLES = 1_000_000
RUNNING = "i"
"""Symbol that counts the samples of a series, from 1."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of one check, worked out.

    Parameters
    ----------
    values : name -> number or array. texts : name -> words, for those that are none. faults : name -> why it has no value.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    texts: Mapping[str, Any] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)

    def find(self, symbol: str) -> Value | None:
        """Value of the input that a symbol means; None where there is none.

        **Source**: `symbols.meant`.
        """
        name = meant(symbol, self.values)
        return None if name is None else self.values[name]


def read_inputs(given: Mapping[str, Any]) -> Inputs:
    """Work out the inputs of a check.

    A text that is an expression without unknown names is a number; one in `i` is a series of as many samples as `n` (or `samples`) says.

    **Source**: the inputs of `theory_checks.json`.

    Examples
    --------
    >>> found = read_inputs({"r": "exp(0)-1", "n": 3, "P_i": "i*2", "data": "two venues"})
    >>> float(found.values["r"]), found.values["P_i"].tolist(), list(found.texts)
    (0.0, [2.0, 4.0, 6.0], ['data'])
    """
    import numpy as np

    values: dict[str, Value] = {}
    texts: dict[str, Any] = {}
    faults: dict[str, str] = {}
    count = _count(given)
    for name, told in ((spelled(name).replace(" ", ""), told) for name, told in given.items()):
        if isinstance(told, bool) or told is None or isinstance(told, Mapping):
            texts[name] = told
        elif isinstance(told, int | float):
            _keep(values, faults, name, np.float64(told))
        elif isinstance(told, list):
            _list(values, texts, faults, name, told)
        else:
            found = _worked_out(str(told), count)
            if found is None:
                texts[name] = told
            else:
                _keep(values, faults, name, found)
    if count is not None and any(np.ndim(value) for value in values.values()):
        values.setdefault(RUNNING, np.arange(1, count + 1, dtype=np.float64))
    return Inputs(values, texts, faults)


def _count(given: Mapping[str, Any]) -> int | None:
    told = next((given[name] for name in ("n", "samples", "n_samples", "count") if name in given), None)
    whole = isinstance(told, int | float) and not isinstance(told, bool) and told == told // 1 and 0 < told <= MOST_SAMPLES
    return int(told) if whole and told is not None else None


def _keep(values: dict[str, Value], faults: dict[str, str], name: str, value: Value) -> None:
    import numpy as np

    if np.isfinite(value).all():
        values[name] = value
    else:
        faults[name] = f"the input {name} is not finite"


def _list(values: dict[str, Value], texts: dict[str, Any], faults: dict[str, str], name: str, told: list[Any]) -> None:
    import numpy as np

    if told and all(isinstance(each, int | float) and not isinstance(each, bool) for each in told):
        _keep(values, faults, name, np.array(told, dtype=np.float64))
    else:
        texts[name] = told


def _worked_out(text: str, count: int | None) -> Value | None:
    """Value of a text that is an expression; None where it is words."""
    import numpy as np

    running = None if count is None else np.arange(1, count + 1, dtype=np.float64)
    known = {} if running is None else {RUNNING: running}
    try:
        return evaluate(tokens(spelled(text)), known.get)
    except Unreadable:
        return None
