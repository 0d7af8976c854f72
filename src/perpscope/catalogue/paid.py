"""What does the holder of a position pay at a decided rate?"""

from __future__ import annotations

from perpscope.catalogue.contracts import SIZE, native_ids
from perpscope.catalogue.dated import DatedRule
from perpscope.catalogue.load import load_venue
from perpscope.catalogue.windows import Asked, Held
from perpscope.errors import InputError
from perpscope.market.contract import PAYOFFS, Contract
from perpscope.market.number import Number, to_exact, to_float
from perpscope.mechanisms.rule import Fixing
from perpscope.mechanisms.settle import charge, payment


def paid(rule: DatedRule, fixing: Fixing, asked: Asked, position: Held) -> dict[str, object]:
    """Work out the payment of a position, for a machine.

    Returns
    -------
    {amount (received is positive), asset, pays, per_contract_long, per_contract_short, to, assumed}.

    Raises
    ------
    InputError
        When a price or an open interest that the rule needs is absent.
    """
    numbers = _numbers(asked)
    settle = rule.settlement(numbers)
    unknown = [name for name in ("index_grains", "money_grains") if name in rule.parts["settle"] and not _known(rule, name, numbers)]
    if settle.price == "unknown" and position.price is None:
        raise InputError("the payment of a position", f"the rule {rule.id} does not say at which price", "Give position.price.")
    contract, assumed = _contract(asked, position, numbers)
    exact = {name: None if value is None else to_exact(value) for name, value in _sides(position).items()}
    price = None if position.price is None else to_exact(position.price)
    owed = charge(to_exact(fixing.value), settle, contract, price, **exact, pool=to_exact(position.fee_pool))
    amount = payment(owed, to_exact(position.quantity), settle)
    notes = [*([assumed] if assumed else []), *(f"settle.{name} is unknown: nothing is cut" for name in unknown)]
    return {
        "amount": to_float(amount),
        "asset": contract.asset,
        "pays": "holder" if amount < 0 else "others" if amount > 0 else "nobody",
        "per_contract_long": to_float(owed.long),
        "per_contract_short": to_float(owed.short),
        "to": settle.to,
        "assumed": "; ".join(notes) or None,
    }


def _numbers(asked: Asked) -> dict[str, Number]:
    venue = load_venue(asked.venue)
    names = (asked.native_id,) if asked.native_id else native_ids(venue, asked.symbol) if asked.symbol else ()
    known = venue.contract(names[0], asked.end) if names else {}
    return {**known, **asked.contract}


def _known(rule: DatedRule, name: str, numbers: dict[str, Number]) -> bool:
    value = rule.parts["settle"][name]
    return value.known and all(n in numbers for n in value.names)


def _contract(asked: Asked, position: Held, numbers: dict[str, Number]) -> tuple[Contract, str]:
    size = to_exact(position.contract_size) if position.contract_size is not None else numbers.get(SIZE)
    if asked.symbol:
        found = Contract.of_symbol(asked.symbol, size)
    elif asked.market in PAYOFFS:
        if asked.market == "quanto" and size is None:
            raise InputError("the payment of a quanto", "its multiplier is not given", "Give position.contract_size.")
        found = Contract(asked.market, "quote" if asked.market == "linear" else "settle", 1 if size is None else size)  # type: ignore[arg-type]  # one of PAYOFFS
    else:
        found = Contract("linear", "quote", 1 if size is None else size)
    return found, "" if size is not None else "one contract is assumed to be one unit: its size is neither given nor in the catalogue"


def _sides(position: Held) -> dict[str, float | None]:
    return {"long_open": position.long_open, "short_open": position.short_open}
