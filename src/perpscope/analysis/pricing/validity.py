"""Are these numbers of a model, and does the model have an answer for them?

Every price here takes numbers or numpy arrays that broadcast, and answers in kind. Outside the range in which a model has a finite,
positive price the answer is an error that says why, never a number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from perpscope.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats: TypeAlias = npt.NDArray[np.float64]
    Values: TypeAlias = float | Floats


def arrays(what: str, **values: Values) -> tuple[Floats, ...]:
    """Numbers as arrays of one shape.

    Raises
    ------
    InputError
        When one is no finite number, or the shapes do not fit together.

    Source: definition.

    Examples
    --------
    >>> [a.tolist() for a in arrays("a price", spot=[1, 2], rate=0.5)]
    [[1.0, 2.0], [0.5, 0.5]]
    """
    import numpy as np

    found = []
    for name, value in values.items():
        try:
            array = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(what, f"{name} is {value!r}", "Give a number, or an array of numbers.") from None
        if not np.isfinite(array).all():
            raise InputError(what, f"{name} is not finite", "Leave out what is not known.")
        found.append(array)
    try:
        return tuple(np.broadcast_arrays(*found))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in zip(values, found, strict=True))
        raise InputError(what, f"shapes that do not fit together: {shapes}", "Give arrays of one shape, or single numbers.") from None


def refuse(what: str, bad: npt.NDArray[np.bool_], why: str, do: str) -> None:
    """Refuse parameters for which a model has no answer.

    Parameters
    ----------
    what : the question. bad : where it has no answer, any shape. why, do : the reason, and what to do about it.

    Raises
    ------
    InputError
        When any is bad; of several it says how many.

    Source: definition.
    """
    if bad.any():
        many = f" ({int(bad.sum())} of {bad.size} cases)" if bad.size > 1 else ""
        raise InputError(what, f"{why}{many}", do)


def positive(what: str, **values: Floats) -> None:
    """Refuse numbers that are not above zero.

    Raises
    ------
    InputError
        Naming the first that is not.

    Source: definition.
    """
    for name, value in values.items():
        refuse(what, value <= 0, f"{name} is not above 0", f"Give a positive {name}.")


def in_kind(found: Floats) -> Values:
    """Answer as asked: a number for numbers, an array for arrays.

    Source: definition.
    """
    return float(found) if found.ndim == 0 else found
