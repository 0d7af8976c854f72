"""How much may funding cost a position over the coming days? The verb `risk`; nothing is computed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from perpscope.cli.place import Where, say
from perpscope.cli.render import Format, render, write, write_certificate
from perpscope.cli.window import window

if TYPE_CHECKING:
    import polars as pl

    from perpscope.analysis.risk.assess import FundingAtRisk

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
    from perpscope.audit.liability import law_of, settled_rates

    asked = Asked(level, more_than, ("bootstrap", "fitted") if model == "both" else (model,), seed, backtest)
    position = Position(side, notional, days)
    store = place.store()
    start, end = window(from_, to)
    contract, rows = settled_rates(store, venue, symbol, market_list=list, start=start, end=end)
    fixed = fixings(rows).unique("slot", keep="first", maintain_order=True)
    law = law_of(store, contract, fixed)
    law = law if cap is None else with_cap(law, cap)
    answer = _answer(funding_at_risk(fixed, law, position, asked), fixed, store.certificate(rows).to_dict())
    say(f"{venue} {symbol} is {answer['venue']} {answer['symbol']}")
    for name, why in answer["unanswered"].items():
        say(f"no answer of the model {name}: {why}")
    _print(answer, format)
    return 0


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


def _print(answer: dict[str, Any], form: str) -> None:
    """Print the answer: for eyes, as a sheet of one row for each model and level, or whole."""
    if form == "table":
        _tables(answer)
    elif form == "csv":
        about = {name: answer[name] for name in ("venue", "symbol", "side", "notional", "days", "sign", "n")}
        own = ("model", "paths", "mean", "mean_apr", "sd", "worst", "best")
        proof = {"certificate": answer["certificate"].get("digest")}
        render([about | {name: m[name] for name in own} | each | proof for m in answer["models"] for each in m["levels"]], form)
    else:
        render(answer, form)


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
    write_certificate(answer["certificate"])
