"""Does a value worked out meet the one expected, and how is it printed?"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction

from perpscope.catalogue.check.examples import Example
from perpscope.catalogue.check.facts import Amount, Value, number
from perpscope.market.number import Number, to_float

TELLING = 3
FEWEST = 2
TRACE = Fraction(1, 10**18)


def meets(value: Value, expected: object, within: Number, stated: Number) -> bool:
    """Whether a value is the expected one.

    Parameters
    ----------
    value, expected : worked out, and as written. within : difference that is none. stated : tolerance the example states; within it a
    number counts that is the value rounded or cut to the digits written.
    """
    if isinstance(expected, list):
        many = value if isinstance(value, list) else []
        return len(many) == len(expected) and all(meets(x, y, within, stated) for x, y in zip(many, expected, strict=True))
    if isinstance(value, list):
        return bool(value) and all(meets(x, expected, within, stated) for x in value)
    wanted = number(expected)
    if wanted is None or isinstance(value, str):
        return str(value).lower().rstrip("s") == str(expected).lower().rstrip("s")
    if value == wanted:
        return True
    if not _finite(value, wanted):
        return False
    width = max(Fraction(within), Fraction(_half_digit(value, expected)))  # type: ignore[arg-type]  # neither a text nor a list: a number
    exact = Fraction(value)  # type: ignore[arg-type]  # a number
    away = abs(exact - Fraction(wanted))
    return away <= max(width, Fraction(stated) if _written(exact, str(expected)) else 0)


def _finite(*values: object) -> bool:
    return all(isinstance(value, Fraction | int) or (isinstance(value, float) and abs(value) != float("inf")) for value in values)


def _half_digit(value: Number, expected: object) -> Number:
    """Half a unit of the last digit printed, for an endless decimal, which no printed number can equal; else 0.

    A number of fewer than `TELLING` digits says too little for that.
    """
    text = str(expected).strip()
    try:
        _, digits, exponent = Decimal(text.removesuffix("%")).as_tuple()
    except InvalidOperation:  # a fraction such as 1/3 is exact
        return Fraction(0)
    if not isinstance(value, Fraction) or _terminates(value) or len(digits) < TELLING or not isinstance(exponent, int):
        return Fraction(0)
    return Fraction(1, 2) * Fraction(10) ** (exponent - 2 * text.endswith("%"))


def _written(value: Fraction, expected: str) -> bool:
    """Whether a number is what is left of a value at its own digits: two at least, or nothing at all of next to nothing."""
    try:
        _, digits, exponent = Decimal(expected.strip()).as_tuple()
    except InvalidOperation:
        return False
    if not isinstance(exponent, int) or len(digits) < FEWEST:
        return digits == (0,) and abs(value) < TRACE
    unit = Fraction(10) ** exponent
    whole = abs(Fraction(expected.strip())) / unit
    return int(abs(value) / unit) == whole or round(abs(value) / unit) == whole


def _terminates(value: Fraction) -> bool:
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def printed(value: Value) -> object:
    """Write a value for people; of equal values in a list only one."""
    if isinstance(value, list):
        shown = [printed(x) for x in value]
        return shown[0] if shown and all(x == shown[0] for x in shown) and len(shown) > 1 else shown
    return value if isinstance(value, str) else decimal_text(value)  # type: ignore[arg-type]  # neither a text nor a list: a number


def decimal_text(value: Number) -> str:
    """Write a number in plain decimals: exactly where it ends, else to 18 places."""
    if not isinstance(value, Fraction | int):
        return repr(to_float(value))
    exact = Fraction(value)
    places = 0
    while places < 60 and _terminates(exact) and (exact * 10**places).denominator != 1:  # noqa: PLR2004 - more than any file prints
        places += 1
    if not _terminates(exact):
        places = 18
    whole = round(abs(exact) * 10**places)
    digits = str(whole).rjust(places + 1, "0")
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"-{text}" if exact < 0 else text


def fits(example: Example, name: str, value: Value) -> bool:
    """Whether a value meets what an example expects under a name."""
    one = isinstance(value, list) and len(value) == 1 and not isinstance(example.expected[name], list)
    shown = value[0] if one else value  # type: ignore[index]  # a list where it is one
    return meets(shown, example.expected[name], example.within(name), example.stated(name))


def is_open(value: Value) -> bool:
    """Whether an amount's name leaves open what its sign means."""
    return any(map(is_open, value)) if isinstance(value, list) else isinstance(value, Amount) and value.sign == 0


def signed(value: Value, sign: int) -> Value:
    """Amounts as numbers, inside lists too; `sign` is that of money received where the name says none."""
    if isinstance(value, list):
        return [signed(each, sign) for each in value]
    if not isinstance(value, Amount):
        return value
    return value.received * (value.sign or sign)
