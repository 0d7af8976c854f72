"""What does a venue say it paid, and how finely did it print that?

A number in an account statement is a decimal with a last digit: 0.00012340 says more than 0.0001234. `Printed` keeps both
the exact value and the worth of that digit; a `Receipt` is one line of a statement about funding.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from perpscope.errors import InputError

DEEPEST = 40
"""Decimals beyond which a text is no printed amount but an accident of arithmetic."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as it stands in a statement.

    Parameters
    ----------
    value : exact value of the decimal. unit : worth of its last digit, >= 0; 0 where the number is exact.

    Examples
    --------
    >>> Printed.read("-0.0120")
    Printed(value=Fraction(-3, 250), unit=Fraction(1, 10000))
    >>> print(Printed.read("-0.0120"))
    -0.0120
    """

    value: Fraction
    unit: Fraction = Fraction(0)

    @classmethod
    def read(cls, text: str | int | Decimal, *, at_least: int | None = None) -> Printed:
        """Read a decimal with its last digit; a bare 0 is exact.

        Parameters
        ----------
        text : the decimal as written. at_least : where zeros pad the number, decimals it has in any case; zeros beyond them do
            not count as digits.

        Raises
        ------
        InputError
            When it is no finite decimal.
        """
        try:
            number = Decimal(str(text).strip())
        except InvalidOperation:
            number = Decimal("NaN")
        exponent = number.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -DEEPEST or number.adjusted() > DEEPEST:
            raise InputError(f"the number {text!r}", "it is no finite decimal", "Give it as it is printed, such as -0.00123400.")
        places = max(-exponent, 0)
        if at_least is not None:
            places = max(decimals(Fraction(number)), at_least)
        return cls(Fraction(number), Fraction(1, 10**places) if number or places else Fraction(0))

    def __neg__(self) -> Printed:
        """Return the number with the other sign, printed as finely."""
        return Printed(-self.value, self.unit)

    def __str__(self) -> str:
        """Write it as it was printed."""
        places = decimals(self.unit) if self.unit else decimals(self.value)
        return f"{Decimal(self.value.numerator) / Decimal(self.value.denominator):.{places}f}"


def decimals(number: Fraction) -> int:
    """Count the decimals that write a terminating decimal exactly; `DEEPEST` where none do."""
    left, places = number.denominator, 0
    while left > 1 and places < DEEPEST:
        factor = next((p for p in (10, 5, 2) if left % p == 0), 0)
        if not factor:
            return DEEPEST
        left //= factor
        places += 1
    return places


def unit_of(numbers: Iterable[Fraction]) -> Fraction:
    """Worth of the last digit of a series that lost its trailing zeros: that of its finest number."""
    return Fraction(1, 10 ** max((decimals(number) for number in numbers), default=0))


@dataclass(frozen=True, slots=True)
class Receipt:
    """One funding payment as an account statement tells it.

    Parameters
    ----------
    venue, symbol : venue id and unified symbol; symbol is "" where the statement does not name the contract.
    at : ms UTC, as stated. amount : money in `asset`; > 0 was received.
    native_id : the venue's own name of the contract. id : its own name of the payment. "" where there is none.
    contracts : contracts held, without sign. long : whether they were held long. rate : fraction of notional, > 0: longs pay.
    price : quote units. notional : value of the position in the settle asset, without sign. None where not stated.
    hours : hours whose payments the line sums up; 0 where it is one payment. session : whether it sums up everything since
    the line before it of the same contract.
    origin : file and row. note : what a reader should know about this line.
    """

    venue: str
    symbol: str
    at: int
    amount: Printed
    asset: str
    native_id: str = ""
    id: str = ""
    contracts: Fraction | None = None
    long: bool | None = None
    rate: Printed | None = None
    price: Printed | None = None
    notional: Printed | None = None
    hours: int = 0
    session: bool = False
    origin: str = ""
    note: str = ""

    @property
    def quantity(self) -> Fraction | None:
        """Contracts held, signed; None where their number or side is not stated."""
        if self.contracts is None or self.long is None:
            return None
        return self.contracts if self.long else -self.contracts
