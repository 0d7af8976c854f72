"""Who owns what, and by which cash flow with which reason?

Money moves by entries: postings that sum to zero in every asset, or they are no entry. A `Ledger` folds entries into
balances and keeps them, so that every balance can be taken apart again. It is the only thing here that changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from perpscope.errors import InputError
from perpscope.market.time import to_text
from perpscope.trading.money import Units

Reason = Literal[
    "funding", "fee", "rebate", "realised", "transfer", "borrow", "delivery", "liquidation", "insurance", "deleveraging", "rounding"
]
REASONS: tuple[str, ...] = get_args(Reason)
OUTSIDE, ROUNDING = "outside", "rounding"
"""Accounts that stand for the world beyond the ledger: whoever the other side is, and what whole units cannot express."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One account receives (> 0) or gives (< 0) whole units of one asset.

    Parameters
    ----------
    account, asset : whose, and of what. units : whole units of the asset; see `Units`.
    reason : one of `REASONS`. at : ms UTC. about : which contract, order or event, for a reader.
    """

    account: str
    asset: str
    units: int
    reason: Reason
    at: int
    about: str = ""

    def __post_init__(self) -> None:
        """Refuse flows without a name, a known reason or whole units."""
        what = f"a posting to {self.account or 'nobody'}"
        if not self.account or not self.asset:
            raise InputError(what, "no account or no asset", "Name both.")
        if not isinstance(self.units, int) or isinstance(self.units, bool):
            raise InputError(what, f"{self.units!r} units", "Give an integer of units (Units.of rounds an amount).")
        if self.reason not in REASONS:
            raise InputError(what, f"the reason {self.reason!r}", f"Give one of {', '.join(REASONS)}.")


@dataclass(frozen=True, slots=True)
class Entry:
    """Postings of one instant that sum to zero in every asset.

    Parameters
    ----------
    postings : at least one. name : what makes it this entry and no other; a ledger takes a name once. "" for none.

    Raises
    ------
    InputError
        When it is empty, spread over several instants, or creates or destroys money.
    """

    postings: tuple[Posting, ...]
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no entry."""
        what = f"the entry {self.name!r}" if self.name else "an entry"
        if len({posting.at for posting in self.postings}) != 1:
            there = "postings of several instants" if self.postings else "no postings"
            raise InputError(what, there, "Give the postings of one instant.")
        for asset, units in sums(self.postings).items():
            if units:
                there = f"its postings in {asset} sum to {units} units"
                raise InputError(what, there, "Post the other side: every unit given is received by a named account.")

    @property
    def at(self) -> int:
        """Ms UTC."""
        return self.postings[0].at


def moved(giver: str, taker: str, asset: str, units: int, reason: Reason, at: int, about: str = "") -> Entry:  # noqa: PLR0917 - read as a sentence: who to whom what why when
    """Return the entry by which one account gives units to another.

    Examples
    --------
    >>> [(p.account, p.units) for p in moved("me", "venue", "USDT", 250, "fee", 0).postings]
    [('me', -250), ('venue', 250)]
    """
    return Entry((Posting(giver, asset, -units, reason, at, about), Posting(taker, asset, units, reason, at, about)))


def sums(postings: Iterable[Posting]) -> dict[str, int]:
    """Units per asset of some postings."""
    found: dict[str, int] = {}
    for one in postings:
        found[one.asset] = found.get(one.asset, 0) + one.units
    return found


class Shortfall(NamedTuple):
    """An account that owes: balances below zero are kept, and told. `units` < 0; `at` is when it fell below."""

    account: str
    asset: str
    units: int
    at: int


class Line(NamedTuple):
    """A line of a statement: a posting and the balance after it, in units."""

    posting: Posting
    balance: int


class Ledger:
    """The fold of entries into balances.

    Parameters
    ----------
    units : the unit of each asset. outside : accounts that stand for the world and may owe without being told of.

    Examples
    --------
    >>> ledger = Ledger()
    >>> ledger.post(moved("outside", "me", "USDT", ledger.units.of("USDT", 100), "transfer", 0))
    ()
    >>> ledger.post(moved("me", "you", "USDT", ledger.units.of("USDT", 120.5), "realised", 1))
    (Shortfall(account='me', asset='USDT', units=-2050000000, at=1),)
    >>> ledger.text("me", "USDT"), ledger.check()
    ('-20.50000000', ())
    """

    def __init__(self, units: Units | None = None, outside: Iterable[str] = (OUTSIDE, ROUNDING)) -> None:
        self.units = units or Units()
        self.outside = frozenset(outside)
        self._entries: list[Entry] = []
        self._names: set[str] = set()
        self._balances: dict[tuple[str, str], int] = {}

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, in the order they were posted."""
        return tuple(self._entries)

    def post(self, entry: Entry) -> tuple[Shortfall, ...]:
        """Take an entry; return the accounts that it brought below zero.

        Raises
        ------
        InputError
            When an entry of that name was taken before: nobody is paid twice for one thing.
        """
        if entry.name and entry.name in self._names:
            raise InputError(f"the entry {entry.name!r}", "it was posted before", "Post it once, or name another entry otherwise.")
        self._names.add(entry.name)
        self._entries.append(entry)
        before: dict[tuple[str, str], int] = {}
        for one in entry.postings:
            key = (one.account, one.asset)
            now = self._balances.get(key, 0)
            before.setdefault(key, now)
            self._balances[key] = now + one.units
        fell = [key for key, was in before.items() if was >= 0 > self._balances[key] and key[0] not in self.outside]
        return tuple(Shortfall(*key, self._balances[key], entry.at) for key in fell)

    def balance(self, account: str, asset: str) -> int:
        """Units an account holds of an asset; below zero it owes them."""
        return self._balances.get((account, asset), 0)

    def text(self, account: str, asset: str) -> str:
        """Write a balance as a decimal."""
        return self.units.text(asset, self.balance(account, asset))

    def balances(self) -> dict[tuple[str, str], int]:
        """Units by (account, asset), sorted."""
        return dict(sorted(self._balances.items()))

    def by_reason(self, account: str, asset: str) -> dict[str, int]:
        """Units an account received (> 0) or gave by reason; their sum is its balance."""
        found: dict[str, int] = {}
        for line in self.statement(account, asset):
            found[line.posting.reason] = found.get(line.posting.reason, 0) + line.posting.units
        return found

    def statement(self, account: str, asset: str) -> tuple[Line, ...]:
        """Every cash flow of an account in one asset, with the balance after each."""
        lines: list[Line] = []
        balance = 0
        for entry in self._entries:
            for one in entry.postings:
                if (one.account, one.asset) == (account, asset):
                    balance += one.units
                    lines.append(Line(one, balance))
        return tuple(lines)

    def owing(self) -> dict[tuple[str, str], int]:
        """Accounts below zero, and by how many units; those that stand for the world left out."""
        return {key: units for key, units in self.balances().items() if units < 0 and key[0] not in self.outside}

    def check(self) -> tuple[str, ...]:
        """Sum everything again; return what does not hold, nothing where all does."""
        again: dict[tuple[str, str], int] = {}
        wrong: list[str] = []
        for entry in self._entries:
            wrong += [f"{entry.name or 'an entry'} at {to_text(entry.at)}: {n} {a} too many" for a, n in sums(entry.postings).items() if n]
            for one in entry.postings:
                again[one.account, one.asset] = again.get((one.account, one.asset), 0) + one.units
        keys = sorted(again.keys() | self._balances.keys())
        told = [(key, self._balances.get(key, 0), again.get(key, 0)) for key in keys]
        wrong += [f"{account} {asset}: {now} units held, {then} posted" for (account, asset), now, then in told if now != then]
        return tuple(wrong)
