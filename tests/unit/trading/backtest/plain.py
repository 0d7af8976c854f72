"""The same trades, written down once more as a person would: lists and floats, and nothing of the package.

Legs are (side, payoff, leverage) with side 1 or -1 and payoff "spot", "linear" or "inverse". A market is a dictionary of lists, one
value an hour: trade, mark, high, low, and `paid`, hour -> (rate, price or None). The text follows the guide, step by step.
"""

from __future__ import annotations

from typing import Any

Leg = tuple[int, str, float]
Market = dict[str, Any]
Cost = dict[str, float]
HOURS_PER_YEAR = 8760
INF = float("inf")


def value(payoff: str, contracts: float, price: float) -> float:
    return abs(contracts) / price if payoff == "inverse" else abs(contracts) * price


def gain(payoff: str, contracts: float, entry: float, price: float) -> float:
    if payoff == "inverse":
        return contracts * (1 / entry - 1 / price)
    return contracts * (price - entry)


def ending_price(payoff: str, own: dict[str, float], maintenance: float) -> float:
    """Price at which money and gain are just the maintenance; what no price does is infinite or 0."""
    contracts, entry, money = own["contracts"], own["entry"], own["money"]
    n = abs(contracts)
    if payoff == "inverse":  # money + c / entry - c / p = mm n / p
        below = money + contracts / entry
        found = (contracts + maintenance * n) / below if below else INF
        return INF if contracts < 0 and found <= 0 else found
    return max((contracts * entry - money) / (contracts - maintenance * n), 0.0)  # money + c (p - entry) = mm n p


class Plain:
    """One run; `equity` holds every hour, the first is the capital."""

    def __init__(self, legs: list[Leg], markets: list[Market], costs: list[Cost], policy: dict[str, float], notional: float) -> None:
        self.legs, self.markets, self.costs, self.policy, self.notional = legs, markets, costs, policy, notional
        self.per = sum(1 / leverage for _, _, leverage in legs)
        self.idle = notional * self.per
        self.way, self.closed_at, self.opened_at, self.broken = 0, -INF, 0, False
        self.held: list[dict[str, float]] = [{} for _ in legs]
        self.rates: list[list[float]] = [[] for _ in legs]
        self.equity, self.liquidations, self.openings = [self.idle], 0, 0
        self.hours = len(markets[0]["trade"])

    def run(self) -> Plain:
        for t in range(self.hours):
            for k in range(len(self.legs)):
                self.liquidate(k, t)
            for k in range(len(self.legs)):
                self.pay(k, t)
            if self.broken or t == self.hours - 1:
                self.leave(t)
            else:
                self.turn(self.wanted(t), t)
            for k, market in enumerate(self.markets):
                if t in market["paid"]:
                    self.rates[k].append(market["paid"][t][0] * HOURS_PER_YEAR / market["hours"])
            if t:
                self.equity.append(self.idle + sum(self.worth(k, t) for k in range(len(self.legs))))
        return self

    def coin(self, k: int, t: int) -> float:
        return float(self.markets[k]["trade"][t]) if self.legs[k][1] == "inverse" else 1.0

    def worth(self, k: int, t: int) -> float:
        own = self.held[k]
        if not own:
            return 0.0
        return (own["money"] + gain(self.legs[k][1], own["contracts"], own["entry"], self.markets[k]["trade"][t])) * self.coin(k, t)

    def limit(self, k: int) -> float | None:
        """Price beyond which leg k is liquidated; None where it is coins that are paid."""
        own, payoff = self.held[k], self.legs[k][1]
        if not own or (payoff == "spot" and own["contracts"] > 0):
            return None
        return ending_price(payoff, own, self.costs[k]["maintenance"])

    def liquidate(self, k: int, t: int) -> None:
        market, limit = self.markets[k], self.limit(k)
        if limit is None:
            return
        if self.held[k]["contracts"] > 0:
            beyond = min(market["low"][t], market["mark"][t]) < limit
            inside = market["high"][t] >= limit
        else:
            beyond = max(market["high"][t], market["mark"][t]) > limit
            inside = market["low"][t] <= limit
        if beyond:
            self.force(k, limit if inside else market["mark"][t], t)

    def force(self, k: int, price: float, t: int) -> None:
        own, payoff = self.held[k], self.legs[k][1]
        left = own["money"] + gain(payoff, own["contracts"], own["entry"], price)
        left -= self.costs[k]["liquidation"] * value(payoff, own["contracts"], price)
        self.idle += max(left, 0.0) * self.coin(k, t)
        self.held[k], self.liquidations, self.broken = {}, self.liquidations + 1, True

    def pay(self, k: int, t: int) -> None:
        own, market, payoff = self.held[k], self.markets[k], self.legs[k][1]
        if not own:
            return
        before = own["money"]
        if payoff == "spot" and own["contracts"] < 0:
            own["money"] += own["contracts"] * market["trade"][t - 1] * self.costs[k]["borrow"] / HOURS_PER_YEAR
        if t in market["paid"]:
            rate, price = market["paid"][t]
            sign = 1 if own["contracts"] > 0 else -1
            own["money"] -= sign * rate * value(payoff, own["contracts"], market["mark"][t] if price is None else price)
        limit, mark = self.limit(k), market["mark"][t]
        if limit is not None and own["money"] < before and (mark < limit if own["contracts"] > 0 else mark > limit):
            self.force(k, mark, t)

    def leave(self, t: int) -> None:
        if not (self.broken or any(self.held)):
            return
        for k, (_, payoff, _) in enumerate(self.legs):
            own = self.held[k]
            if own:
                charged = self.costs[k]["fee"] + self.costs[k]["half"]
                own["money"] -= value(payoff, own["contracts"], self.markets[k]["trade"][t]) * charged
                self.idle += self.worth(k, t)
                self.held[k] = {}
        self.way, self.closed_at, self.broken = 0, t, False

    def carry(self) -> float | None:
        look, found = int(self.policy["look"]), 0.0
        for k, (side, payoff, _) in enumerate(self.legs):
            if payoff != "spot":
                if len(self.rates[k]) < look:
                    return None
                found -= side * sum(self.rates[k][-look:]) / look
        return found

    def entered(self) -> int:
        """Return which way an empty book goes."""
        carry, enter = self.carry(), self.policy["enter"]
        if carry is None:
            return 1 if enter == -INF else 0
        if carry > enter:
            return 1
        return -1 if self.policy["follow"] and carry < -enter else 0

    def wanted(self, t: int) -> int:
        if not self.way:
            return self.entered() if t - self.closed_at >= self.policy["rest"] else 0
        carry = self.carry()
        if t - self.opened_at >= self.policy["most"]:
            return 0
        if t - self.opened_at < self.policy["stay"] or carry is None or self.way * carry >= self.policy["exit"]:
            return self.way
        return 0 if self.policy["rest"] else self.entered()

    def turn(self, wanted: int, t: int) -> None:
        if wanted == self.way:
            return
        if self.way:
            self.leave(t)
        if not wanted or self.idle < 1e-8:  # less than a unit is no money
            return
        size = min(self.notional, self.idle / self.per)
        for k, (side, payoff, leverage) in enumerate(self.legs):
            price, base = self.markets[k]["trade"][t], size / self.markets[0]["trade"][t]
            contracts = wanted * side * (base * price if payoff == "inverse" else base)
            charged = value(payoff, contracts, price) * (self.costs[k]["fee"] + self.costs[k]["half"])
            self.held[k] = {"contracts": contracts, "entry": price, "money": size / leverage / self.coin(k, t) - charged}
            self.idle -= size / leverage
        self.way, self.opened_at, self.openings = wanted, t, self.openings + 1
