"""How much may funding cost a position over the coming days? The verb `risk`; nothing is computed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from perpscope.cli.place import Where, say
from perpscope.cli.render import Format, render, write

if TYPE_CHECKING:
    import polars as pl

    from perpscope.analysis.risk.assess import FundingAtRisk
    from perpscope.store import Store

risk_app = App(name="risk", help="How much funding may cost a position.")
Start = Annotated[str, Parameter(name="--from", help="History from this moment on, UTC: 2025-09-18 or 2025-09-18T08:01:00Z.")]
End = Annotated[str, Parameter(name="--to", help="History before this moment, UTC.")]
Model = Literal["bootstrap", "fitted", "both"]
LEVELS = (0.95, 0.99)
LOSSES = "positive: the position pays"


@risk_app.command
def funding(
    venue: str,
    symbol: str,
    *,
    side: Literal["long", "short"],
    notional: float,
    days: float,
    level: tuple[float, ...] = LEVELS,
    more_than: tuple[float, ...] = (),
    model: Model = "both",
    cap: float | None = None,
    seed: int = 1,
    backtest: bool = True,
    list: str | None = None,  # noqa: A002 - the name of the option
    from_: Start = "",
    to: End = "",
    format: Format = "table",  # noqa: A002 - the name of the option
    place: Where,
) -> int:
    """Distribution of a position's cumulative funding: mean, quantiles, value at risk and expected shortfall in money.

    The contract's own history is resampled in blocks, or a model fitted to it is simulated from where it stands now; both pass
    through the interval, caps and changes of interval in force. Positive money is paid.

    Parameters
    ----------
    venue
        Venue of the contract: id, name or alias.
    symbol
        Unified symbol, native id or coin.
    side
        Which side is held: a long pays positive rates.
    notional
        Size of the position in money, above 0; it does not move with the price.
    days
        For how long it is held, days of 24 hours, above 0.
    level
        Levels of value at risk, 0.5 to below 1; may be given several times.
    more_than
        Amounts of money for the probability of paying or receiving more; default 0 and 1 % of the notional.
    model
        bootstrap, fitted, or both.
    cap
        Largest payment on either side, a fraction per interval, where the rules on record do not say.
    seed
        Of every random number: the same seed, the same answer.
    backtest
        Try the forecasts on the past as well.
    list
        Sub-market of the venue, where several hold the symbol.
    """
    from perpscope.analysis.risk.assess import Asked, Position, funding_at_risk
    from perpscope.analysis.risk.law import with_cap
    from perpscope.analysis.series import fixings

    asked = Asked(level, more_than, ("bootstrap", "fitted") if model == "both" else (model,), seed, backtest)
    position = Position(side, notional, days)
    store = place.store()
    rows, who = _history(store, venue, symbol, list, (from_, to))
    fixed = fixings(rows).unique("slot", keep="first", maintain_order=True)
    law = _law(store, fixed, who) if cap is None else with_cap(_law(store, fixed, who), cap)
    answer = _answer(funding_at_risk(fixed, law, position, asked), fixed, store.certificate(rows).to_dict())
    say(f"{venue} {symbol} is {answer['venue']} {answer['symbol']}")
    for name, why in answer["unanswered"].items():
        say(f"no answer of the model {name}: {why}")
    if format == "table":
        _tables(answer)
    else:
        render(answer, format)
    return 0


def _history(store: Store, venue: str, symbol: str, market_list: str | None, span: tuple[str, str]) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Settled rows of one contract, and who it is."""
    import polars as pl

    from perpscope.audit.which import held_contract
    from perpscope.errors import NotEnoughData
    from perpscope.market.table import FUNDING
    from perpscope.market.time import day_ms

    found = held_contract(store, venue, symbol, market_list=market_list)
    who: dict[str, Any] = {"venue": found.identity.venue, "native_id": found.identity.native_id, "market_list": found.market_list}
    rows = store.read(FUNDING, **who).filter(pl.col("kind") == "settled")
    start, end = (day_ms(text) if text else None for text in span)
    slot = pl.col("slot").dt.epoch("ms")
    rows = rows if start is None else rows.filter(slot >= start)
    rows = rows if end is None else rows.filter(slot < end)
    if rows.is_empty():
        there = "nothing between --from and --to" if any(span) else "the store holds no settled rates of it"
        raise NotEnoughData(f"settled funding of {found.identity.venue} {found.symbol}", there, "Widen the window, or import its rates.")
    return rows, who


def _law(store: Store, rows: pl.DataFrame, who: dict[str, Any]) -> Any:  # noqa: ANN401 - a Law, loaded late
    """Take the law in force at the last stamp, with limits that a source stated or that the history shows."""
    from perpscope.analysis.atoms import atoms
    from perpscope.analysis.risk.law import law_in_force
    from perpscope.analysis.ruled import Contract

    last = rows.row(-1, named=True)
    seen = atoms(rows).filter(interval_hours=last["interval_hours"]).row(0, named=True)
    keys = {name: who[name] for name in ("venue", "native_id", "market_list")}
    stated = store.registry.as_of(None, None, basis="stated", **keys).select("fact", "value", "valid_from", "valid_to").rows()
    given = {fact: value for fact, value, since, until in stated if since <= last["slot"] < until}
    contract = Contract(who["venue"], who["market_list"], who["native_id"], last["market"], last["interval_hours"])
    return law_in_force(contract, last["slot"], seen=(seen["low"], seen["high"]), given=given)


def _answer(found: FundingAtRisk, rows: pl.DataFrame, certificate: dict[str, Any]) -> dict[str, Any]:
    from perpscope.market.time import to_text

    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    stages = [{"hours": s.hours, "floor": s.floor, "cap": s.cap, "after_limit": s.after_limit or None} for s in found.law.stages]
    return {
        "venue": last["venue"],
        "symbol": last["symbol"],
        "side": found.position.side,
        "notional": found.position.notional,
        "days": found.position.days,
        "sign": LOSSES,
        "n": rows.height,
        "window": [to_text(first["slot"]), to_text(last["slot"])],
        "interval_hours": found.law.hours,
        "window_hours": found.flow.hours,
        "windows": len(found.flow.steps),
        "joins": found.flow.joins,
        "law": {"stages": stages, "told": list(found.law.told)},
        "models": list(found.answers),
        "unanswered": found.unanswered,
        "history": found.realised,
        "certificate": certificate,
    }


def _tables(answer: dict[str, Any]) -> None:
    """Print the answer for eyes."""
    money = f"{answer['side']} {answer['notional']:,.0f} for {answer['days']:g} days; {LOSSES}"
    rows = [
        {"model": m["model"], "mean": round(m["mean"], 2), "sd": round(m["sd"], 2)}
        | {f"q{q}": round(x, 2) for q, x in m["quantiles"].items()}
        for m in answer["models"]
    ]
    render(rows, title=money)
    render(
        [{"model": m["model"]} | {k: round(v, 4) for k, v in each.items()} for m in answer["models"] for each in m["levels"]], title="tails"
    )
    render([{"model": m["model"]} | each for m in answer["models"] for each in m["probabilities"]], title="probabilities")
    tests = [
        {"model": m["model"], "level": t["level"], "origins": t["n"], "hits": t["hits"], "expected": round(t["expected"], 2)}
        | {name: round(t[name], 4) for name in ("p_kupiec", "p_exact", "p_independence", "p_conditional")}
        for m in answer["models"]
        if m["backtest"]
        for t in m["backtest"]["levels"]
    ]
    if tests:
        render(tests, title="forecasts made in the past, horizons without overlap")
    write("\n".join(answer["law"]["told"]))
    write(f"{answer['n']:,} fixings, {answer['window'][0]} to {answer['window'][1]}")
    certificate = answer["certificate"]
    write(f"certificate {certificate.get('digest', 'none')}, complete: {certificate.get('complete', 'unknown')}")
