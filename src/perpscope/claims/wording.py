"""Which words fit an outcome? A reasoned paragraph is written for one verdict; any other is told by its numbers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from perpscope.claims.case import Case
    from perpscope.claims.model import Text, Verdict

EXPECTED: Verdict = "holds with changes"


def reasons(case: Case, verdict: Verdict, told: Mapping[str, object], *, expected: Verdict = EXPECTED) -> list[Text]:
    """Sentences "why" and "caveat" of a claim where the verdict is the one they were written for, else its sentence "plain".

    Parameters
    ----------
    verdict, expected : as computed; the one "why" argues for. told : numbers for the places in the sentences.

    Source: the sentences of the claim in the ledger.
    """
    if verdict == expected:
        try:
            return [case.say("why", **told), case.say("caveat", **told)]
        except KeyError:  # a number the sentence names could not be computed from what the store holds
            return [case.say("plain", **told)]
    return [case.say("plain", **told)]


def named(contract: str) -> str:
    """Write a contract as a reader knows it: the venue by its name, the symbol as it stands.

    Parameters
    ----------
    contract : "VENUE SYMBOL", the venue by its id; one that is not in the catalogue stays as it is.

    Source: the names of the venues in the catalogue.

    Examples
    --------
    >>> named("binanceusdm BTC/USDT:USDT")
    'Binance USD-M BTC/USDT:USDT'
    """
    from perpscope.catalogue.load import load_venue, venue_ids

    venue, space, symbol = contract.partition(" ")
    return f"{load_venue(venue).name if venue in venue_ids() else venue}{space}{symbol}"


def in_bp(told: Mapping[str, float]) -> dict[str, float]:
    """Write every number once more in basis points, under its name with "_bp".

    Source: one basis point is 1/10000.
    """
    return {f"{name}_bp": value * 10_000 for name, value in told.items()}
