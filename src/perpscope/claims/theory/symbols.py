"""Which input does a symbol of a formula mean?

Papers write k, venues kappa; a formula says ra where its inputs say r_a, cS where they say c_spot. The exact name comes first, then the
same letters, then known synonyms, then initials; what fits two inputs fits none.
"""

from __future__ import annotations

from collections.abc import Iterable

_SYNONYMS = (
    "kappa k K",
    "iota i I interest interest_rate i_inv iota_inv",
    "gamma g damper width half_width",
    "Lambda L lambda lam Lam",
    "x S spot spot_price s0 S0 X0",
    "F f perp futures perpetual perp_price futures_price mark",
    "r_a ra r_quote r_usd r_dom rq r",
    "r_b rb r_base r_for q",
    "r_c rc r_base r_eth r_underlying",
    "sx sigma_x s_x vol_x sigma_eth",
    "sz sigma_z s_z vol_z sigma_btc",
    "s sigma vol volatility",
    "rho corr correlation",
    "E entry entry_price E0",
    "X exit exit_price price_exit",
    "L leverage lev",
    "mm mmr maintenance maintenance_margin maintenance_rate mm_rate",
    "impactbid bid impact_bid ib IB",
    "impactask ask impact_ask ia IA",
    "idx index index_price Idx I Index",
    "P premium p premium_index Pbar",
    "P_i p_i premiums premium_samples",
    "f funding funding_rate rate F",
    "r rate funding_rate",
    "kS k_S spot_cost cost_spot k_s",
    "G gap",
    "N hours interval_hours interval N_hours",
    "N contracts quantity notional",
    "N_a Na active_hours n_active hours_active",
    "sd std sigma",
    "mu mean",
    "d0 dividend d",
    "delta d cancel",
    "alpha a limit",
    "theta demand",
    "eta slope",
    "W capital wealth",
    "m margin",
    "c cost",
    "c_spot cS cost_spot spot_cost",
    "c_fut cF c_futures cost_futures futures_cost",
)
_TELLING = 2
"""Letters up to which a capital is another symbol."""
_GROUPS = tuple(frozenset(group.split()) for group in _SYNONYMS)


def meant(symbol: str, inputs: Iterable[str]) -> str | None:
    """Tell which input a symbol means; None where none does, or several could.

    **Source**: the notation of `theory.md` 3 and of the papers it names.

    Examples
    --------
    >>> meant("rb", ["r_a", "r_b"]), meant("cS", ["c_spot", "c_fut"]), meant("k", ["kappa"]), meant("z", ["x"])
    ('r_b', 'c_spot', 'kappa', None)
    """
    names = list(inputs)
    if symbol in names:
        return symbol
    for same in (_letters, _synonyms, _any_case, _initials):
        found = [name for name in names if same(symbol, name)]
        if len(found) == 1:
            return found[0]
        if found:
            return None
    return None


def _letters(symbol: str, name: str) -> bool:
    return symbol.replace("_", "") == name.replace("_", "")


def _any_case(symbol: str, name: str) -> bool:
    return len(symbol) > 1 and _letters(symbol.lower(), name.lower())


def _synonyms(symbol: str, name: str) -> bool:
    spellings = {symbol, symbol.lower()} if len(symbol) > _TELLING else {symbol}
    return any(group & spellings and name in group for group in _GROUPS)


def _initials(symbol: str, name: str) -> bool:
    parts = [part for part in name.lower().split("_") if part]
    first = "".join(part[0] for part in parts)
    return len(parts) > 1 and symbol.lower().replace("_", "") in {first, parts[0] + first[1:]}
