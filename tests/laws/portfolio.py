"""Random portfolios whose longs and shorts cancel: every change is a trade between two accounts of one contract."""

from __future__ import annotations

import random
from dataclasses import replace

from perpscope.market.contract import Contract
from perpscope.market.funding import Position, PublishedFixing
from perpscope.market.number import to_exact
from perpscope.market.time import Calendar, Schedule
from perpscope.mechanisms.settle import Settlement
from perpscope.trading.settle import Key, Listing
from perpscope.units import MS_PER_HOUR

VENUE = "sim:ledger"
HOURS = 48
Portfolio = tuple[list[Position], list[PublishedFixing], dict[Key, list[Listing]]]

PAYOFFS = {
    "linear": ("{}/USDT:USDT", "USDT", 0.001),
    "inverse": ("{}/USD:{}", "{}", 10.0),
    "quanto": ("{}/USD:XBT", "XBT", 0.000001),
}
SCHEDULES = {
    "8h": Calendar(((0, Schedule(8)),)),
    "4h": Calendar(((0, Schedule(4)),)),
    "1h": Calendar(((0, Schedule(1)),)),
    "changes": Calendar(tuple((hour * MS_PER_HOUR, Schedule(step)) for hour, step in ((0, 8), (16, 4), (24, 1), (32, 8)))),
    "lag": Calendar(((0, Schedule(8, lag=1)),)),
    "continuous": Calendar(((0, Schedule(1)),)),
}


def portfolio(accounts: int, seed: int = 1) -> Portfolio:
    """One contract of every payoff under every schedule; the accounts are shared out among them."""
    rng = random.Random(seed)  # noqa: S311 - a portfolio, no secret
    kinds = [(payoff, schedule) for payoff in PAYOFFS for schedule in SCHEDULES]
    positions: list[Position] = []
    fixings: list[PublishedFixing] = []
    terms: dict[Key, list[Listing]] = {}
    for k, (payoff, schedule) in enumerate(kinds):
        own = [f"account {n}" for n in range(k, accounts, len(kinds))]
        shape, asset, quantum = PAYOFFS[payoff]
        base = f"C{k}"
        symbol = shape.format(base, base)
        flow = "through" if schedule == "continuous" else "stamp"
        lag = SCHEDULES[schedule].at(0).lag
        contract = Contract(payoff, asset.format(base), quantum)  # type: ignore[arg-type]  # a key of PAYOFFS
        terms[VENUE, symbol] = [Listing(contract, Settlement(flow=flow, lag=lag))]  # type: ignore[arg-type]  # two of the flows
        stamps = [(at + lag * 8 * MS_PER_HOUR, hours) for at, hours in SCHEDULES[schedule].stamps(0, HOURS * MS_PER_HOUR)]
        for at, hours in stamps:
            rate, price = round(rng.gauss(1e-4, 3e-4), 8), round(20_000 * rng.lognormvariate(0, 0.1), 2)
            accrual = "continuous" if schedule == "continuous" else "stamp"
            fixings.append(PublishedFixing(VENUE, symbol, at, rate, hours, price, accrual))  # type: ignore[arg-type]  # as above
        positions += traded(own, symbol, [at for at, _ in stamps], rng)
    rng.shuffle(positions)
    return positions, fixings, terms


def traded(accounts: list[str], symbol: str, stamps: list[int], rng: random.Random) -> list[Position]:
    """Two trades for each account, every tenth exactly on a stamp."""
    free = rng.sample(range(1, HOURS * MS_PER_HOUR), 2 * len(accounts))
    times = sorted({rng.choice(stamps) if n % 10 == 0 else at for n, at in enumerate(free)})
    held = dict.fromkeys(accounts, 0)
    rows: list[Position] = []
    for n, at in enumerate(times):
        buyer = accounts[n % len(accounts)]
        seller = rng.choice([account for account in (rng.choice(accounts), rng.choice(accounts), *accounts[:2]) if account != buyer])
        lots = rng.randint(1, 500)
        held[buyer] += lots
        held[seller] -= lots
        rows += [Position(account, VENUE, symbol, at, held[account]) for account in (buyer, seller)]
    return rows


def exactly(given: Portfolio) -> Portfolio:
    """Return the same portfolio in fractions: the decimals that its doubles print as."""
    positions, fixings, terms = given
    exact_terms = {
        key: [replace(own, contract=replace(own.contract, size=to_exact(own.contract.size))) for own in lives]
        for key, lives in terms.items()
    }
    return (
        [replace(one, quantity=to_exact(one.quantity)) for one in positions],
        [
            replace(
                one, rate=to_exact(one.rate), price=None if one.price is None else to_exact(one.price), interval_hours=one.interval_hours
            )
            for one in fixings
        ],
        exact_terms,
    )
