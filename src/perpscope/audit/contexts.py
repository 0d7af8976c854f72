"""Does what a venue shows at one instant fit together?

A context holds prices, impact prices and rates of one moment. Two things can be recomputed from it: the premium, by
the rule's own observation, and the fair price, index x (1 + F x time left / interval), where the venue shows the fair
basis it marks with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from perpscope.audit.compare import DOUBLES
from perpscope.audit.digits import common, decimals, half_units
from perpscope.audit.model import Check
from perpscope.catalogue.schema import DatedRule
from perpscope.errors import CatalogueError
from perpscope.market.number import INF, to_float
from perpscope.market.time import to_text
from perpscope.mechanisms.observe import Observe
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    import polars as pl

    from perpscope.audit.facts import Flags, Floats

COLUMNS = {
    "impact_bid": "impact_bid_quote",
    "impact_ask": "impact_ask_quote",
    "index": "index_price_quote",
    "mark": "mark_price_quote",
    "fair_basis": "fair_basis_frac",
    "rate_in_force": "funding_rate",
    "bid": "mid_price_quote",
    "ask": "mid_price_quote",
}
PREMIUM = "premium from the prices shown"
FAIR = "fair price from the index and the rate"


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A number that contexts show beside the one their other columns give.

    Parameters
    ----------
    rows : the contexts compared. published, computed : (n,). half : (n,) half a unit of the published number.
    tolerance : (n,) half, plus what half a unit of each input moves the computed number.
    """

    rows: pl.DataFrame
    published: Floats
    computed: Floats
    half: Floats
    tolerance: Floats

    @property
    def error(self) -> Floats:
        """(n,) published - computed."""
        return self.published - self.computed

    @property
    def matched(self) -> Flags:
        """(n,) within the tolerance."""
        import numpy as np

        return np.abs(self.error) <= self.tolerance

    @property
    def exact(self) -> Flags:
        """(n,) within half a unit of the published number alone, its inputs taken as exact."""
        import numpy as np

        return np.abs(self.error) <= self.half + DOUBLES * np.abs(self.published)


def observe_of(dated: DatedRule) -> Observe:
    """Build the way a rule looks at its market, whatever else of the rule is unknown.

    Raises
    ------
    CatalogueError
        When the kind of premium is unknown.
    """
    parts = dated.parts["observe"]
    kind = parts.get("kind")
    if kind is None or not kind.known:
        reason = kind.reason if kind else "it observes no premium"
        raise CatalogueError(f"premiums by the rule {dated.id}", reason, "Give the kind of premium with a source.")
    told = ((name, parts.get(name)) for name in ("every_seconds", "bound", "grains"))
    numbers = {name: to_float(v.number({})) for name, v in told if v is not None and v.known and not v.names}
    absent = parts.get("absent")
    return Observe(
        kind.text,
        every_seconds=numbers.get("every_seconds", 0),
        bound=numbers.get("bound", INF),
        grains=numbers.get("grains", 0),
        absent=absent.text if absent is not None and absent.known else "unknown",
    )


def premiums_shown(contexts: pl.DataFrame, observe: Observe, peers: pl.DataFrame | None = None) -> Shown:
    """Hold published premiums against those of the same instant's prices; rows without either are left out.

    Parameters
    ----------
    contexts : rows of the table `contexts`. observe : the rule's observation.
    peers : contexts of the same venue that tell how many decimals it prints; the rows themselves where None.
    """
    import numpy as np
    import polars as pl

    needed = [COLUMNS[name] for name in observe.columns]
    rows = contexts.drop_nulls(["premium_frac", *needed])
    published = rows["premium_frac"].to_numpy().astype(np.float64)
    half = _half(rows, "premium_frac", peers)
    given = {name: rows[COLUMNS[name]].to_numpy().astype(np.float64) for name in observe.columns}
    computed = np.array(observe.samples({name: column.tolist() for name, column in given.items()}), dtype=np.float64)
    reach = np.zeros(len(rows))
    price_half = _price_half(rows)
    for name in given:
        moved = [
            observe.samples({n: (c + sign * price_half if n == name and n != "fair_basis" else c).tolist() for n, c in given.items()})
            for sign in (1, -1)
        ]
        reach += np.maximum(*(np.abs(np.array(m, dtype=np.float64) - computed) for m in moved)) if len(rows) else 0.0
    tolerance = half + reach + DOUBLES * np.abs(computed)
    return Shown(rows.with_columns(pl.col("ts")), published, computed, half, tolerance)


def fair_prices(contexts: pl.DataFrame, peers: pl.DataFrame | None = None) -> Shown:
    """Hold marks against index x (1 + F x time left / interval), for contexts that show the fair basis they are marked with.

    The digits of F are those of `peers`, other contexts of the venue: one rate of 0.0001 alone does not tell them.
    """
    import numpy as np
    import polars as pl

    needed = ["mark_price_quote", "index_price_quote", "funding_rate", "interval_hours", "next_funding", "fair_basis_frac"]
    rows = contexts.drop_nulls(needed)
    mark, index, rate, hours = (rows[name].to_numpy().astype(np.float64) for name in needed[:4])
    left = rows.select((pl.col("next_funding") - pl.col("ts")).dt.total_milliseconds())["next_funding"].to_numpy() / MS_PER_HOUR
    share = left / hours
    half = _price_half(rows)
    reach = half * np.abs(1 + rate * share) + _half(rows, "funding_rate", peers) * index * share
    return Shown(rows, mark, index * (1 + rate * share), half, half + reach + DOUBLES * mark)


def _half(rows: pl.DataFrame, name: str, peers: pl.DataFrame | None) -> Floats:
    """Half units of a column, by the decimals all of the venue's rows reach."""
    import numpy as np

    own = rows[name].to_numpy().astype(np.float64)
    if peers is None or not len(own):
        return half_units(own)
    known = np.concatenate([own, peers[name].drop_nulls().to_numpy().astype(np.float64)])
    return half_units(known)[: len(own)]


def _price_half(rows: pl.DataFrame) -> Floats:
    """Half a unit of each contract's prices: the decimals its mark and index reach in any row."""
    import numpy as np
    import polars as pl

    if rows.is_empty():
        return np.zeros(0)
    names = [n for n in ("mark_price_quote", "index_price_quote") if rows[n].null_count() < len(rows)]
    places = np.max([decimals(rows[n].fill_null(0).to_numpy().astype(np.float64)) for n in names], axis=0)
    keyed = rows.select("market_list", "native_id").with_columns(pl.Series("places", places))
    out = np.zeros(len(rows))
    for part in keyed.with_row_index("row").partition_by("market_list", "native_id"):
        out[part["row"].to_numpy()] = 0.5 * 10.0 ** -float(common(part["places"].to_numpy()))
    return out


def verdict(name: str, shown: Shown, unit: str) -> Check:
    """Put a comparison into a check; None where there was nothing to compare."""
    import numpy as np

    n = len(shown.published)
    if not n:
        return Check(name, None, "no context holds both the number and the columns it follows from")
    error = np.abs(shown.error)
    worst = int(np.argmax(error - shown.tolerance))
    when = to_text(int(shown.rows["ts"].dt.epoch("ms")[worst]))
    counts = f"{int(shown.matched.sum())} of {n} contexts match, {int(shown.exact.sum())} of them with their inputs taken as exact"
    figures = f"furthest {error[worst]:.3g} {unit} of {shown.tolerance[worst]:.3g} allowed, at {when}"
    return Check(name, bool(shown.matched.all()), f"{counts}; {figures}")


def unbounded(observe: Observe) -> Observe:
    """Return the observation without its bound on single premiums."""
    return Observe(observe.kind, observe.every_seconds, INF)
