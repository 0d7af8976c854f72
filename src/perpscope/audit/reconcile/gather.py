"""Where does the evidence come from: the files a user gives, or the store?

Trailing zeros are lost in tables, so the last digit of a rate or price is read off the whole series, as in the audit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from perpscope.audit.digits import half_units
from perpscope.audit.paid.stored import stored_fixings
from perpscope.audit.reconcile.evidence import LATE_MS, Decided, Evidence, Key, holdings
from perpscope.errors import InputError, NotEnoughData
from perpscope.market.number import to_exact
from perpscope.market.receipt import Printed, Receipt
from perpscope.market.table import FUNDING
from perpscope.sources.records import ContractRow, FixingRow, PositionRow
from perpscope.units import MS_PER_HOUR

if TYPE_CHECKING:
    from perpscope.store import Store

DAY_MS = 24 * MS_PER_HOUR
_OTHER = {"mark": "mark_price_quote", "index": "index_price_quote"}


def evidence_of(
    receipts: Sequence[Receipt],
    *,
    fixings: Sequence[FixingRow] | None = None,
    positions: Sequence[PositionRow] | None = None,
    contracts: Sequence[ContractRow] = (),
    account: str = "",
    window: tuple[int, int] | None = None,
    store: Store | None = None,
) -> Evidence:
    """Gather what receipts are held against.

    Parameters
    ----------
    receipts : whose contracts and times are asked about. fixings : of a file; None takes the store's. positions : of a file; None
        where there are none. contracts : sizes. account : whose positions. window : ms UTC, from and to, within which receipts
        may be missing; where fixings are given, all of their stamps if None.
    store : where fixings are looked up; None where there is none.

    Raises
    ------
    InputError
        When the files contradict themselves, or several accounts hold and none is named.
    """
    held = None if positions is None else holdings((row.position for row in positions), account)
    if fixings is not None:
        decided = _decided(fixings)
        window = window or (_whole(decided))
        where = "fixings"
    else:
        keys = {(r.venue, r.symbol) for r in receipts if r.symbol} | set(held or ())
        decided = {} if store is None else _stored(store, sorted(keys), receipts, window)
        where = "store"
    return Evidence(decided, held, _sizes(contracts, positions or (), fixings or ()), window, where)


def _whole(decided: Mapping[Key, Sequence[Decided]]) -> tuple[int, int] | None:
    stamps = [each.at for listed in decided.values() for each in listed]
    return (min(stamps), max(stamps)) if stamps else None


def _sizes(contracts: Iterable[ContractRow], positions: Iterable[PositionRow], fixings: Iterable[FixingRow]) -> dict[Key, Fraction]:
    told = [((row.venue, row.symbol), row.size) for row in contracts]
    told += [((row.position.venue, row.position.symbol), row.size) for row in positions]
    told += [((row.fixing.venue, row.fixing.symbol), row.size) for row in fixings]
    found: dict[Key, Fraction] = {}
    for key, size in told:
        if size is not None and found.setdefault(key, Fraction(size)) != size:
            raise InputError(f"the contract size of {' '.join(key)}", f"{float(found[key]):g} and {float(size):g}", "Give one size.")
    return found


def _decided(rows: Iterable[FixingRow], others: Mapping[int, Mapping[str, Fraction]] | None = None) -> dict[Key, list[Decided]]:
    """Return fixings by contract, each with the digits of its series."""
    groups: dict[Key, list[FixingRow]] = defaultdict(list)
    for row in rows:
        groups[(row.fixing.venue, row.fixing.symbol)].append(row)
    return {key: _series(sorted(own, key=lambda row: row.fixing.at), others or {}) for key, own in groups.items()}


def _series(rows: Sequence[FixingRow], others: Mapping[int, Mapping[str, Fraction]]) -> list[Decided]:
    rates = _printed([Fraction(row.fixing.rate) for row in rows])
    prices = _printed([None if row.fixing.price is None else Fraction(row.fixing.price) for row in rows])
    listed: list[Decided] = []
    for row, rate, price in zip(rows, rates, prices, strict=True):
        fixing = row.fixing
        unit = Fraction(0) if price is None else price.unit
        one = Decided(
            at=fixing.at,
            rate=rate or Printed(Fraction(0)),
            hours=Fraction(fixing.interval_hours),
            price=price,
            prices={
                kind: Printed(value, unit) for kind, value in others.get(fixing.at, {}).items() if price is None or value != price.value
            },
            continuous=(row.accrual or fixing.accrual) == "continuous",
            per_base=None if fixing.per_base is None else Fraction(fixing.per_base),
        )
        if listed and listed[-1].at == one.at:
            if listed[-1] != one:
                raise InputError(f"the fixing of {fixing.venue} {fixing.symbol}", "two of one stamp differ", "Give one of them.")
            continue
        listed.append(one)
    return listed


def _printed(values: Sequence[Fraction | None]) -> list[Printed | None]:
    """Return numbers of a series with the last digit that the series shows; a rate of nothing but zeros is exact."""
    import numpy as np

    there = [value for value in values if value is not None]
    halves = iter(half_units(np.array([float(value) for value in there])) if any(there) else [0.0] * len(there))
    return [None if value is None else Printed(value, 2 * Fraction(to_exact(float(next(halves))))) for value in values]


def _stored(store: Store, keys: Iterable[Key], receipts: Sequence[Receipt], window: tuple[int, int] | None) -> dict[Key, list[Decided]]:
    """Return fixings of the store around the receipts; contracts it does not hold are left out."""
    times = [receipt.at for receipt in receipts] + list(window or ())
    if not times:
        return {}
    start, end = min(times) - DAY_MS, max(times) + DAY_MS + LATE_MS
    found: dict[Key, list[Decided]] = {}
    for key in keys:
        try:
            rows = stored_fixings(store, key, start, end, estimate=False)
        except (NotEnoughData, InputError):
            continue
        found |= _decided(rows, _other_prices(store, key, start, end))
    return found


def _other_prices(store: Store, key: Key, start: int, end: int) -> dict[int, dict[str, Fraction]]:
    venue, symbol = key
    rows = store.read(FUNDING, venue=venue, symbol=symbol, start_ms=start, end_ms=end)
    found: dict[int, dict[str, Fraction]] = {}
    for slot, *prices in rows.select("slot", *_OTHER.values()).iter_rows():
        at = int(slot.timestamp() * 1000)
        found[at] = {kind: Fraction(to_exact(price)) for kind, price in zip(_OTHER, prices, strict=True) if price is not None}
    return found
