"""Does a check hold?

A formula is worked out twice where that is possible: by our own model of the thing, and as its text is written. Where both ways are open
and lead to different numbers, one of which is expected, the check is disputed and both are shown. What neither reads is unsupported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from perpscope.claims.theory.auctions import AUCTIONS
from perpscope.claims.theory.band import judge_band
from perpscope.claims.theory.checks import Check
from perpscope.claims.theory.history import judge_history
from perpscope.claims.theory.inputs import Inputs, read_inputs
from perpscope.claims.theory.mechanics import MECHANICS
from perpscope.claims.theory.meets import meets, picked, plainly, shape_of
from perpscope.claims.theory.model import Alternatives, Answer, answers
from perpscope.claims.theory.outcome import Verdict
from perpscope.claims.theory.prices import PRICES
from perpscope.claims.theory.properties import PROPERTIES
from perpscope.claims.theory.written import Written, alike, read_formula

if TYPE_CHECKING:
    from perpscope.claims.case import Shelf

MODELS = (*PRICES, *MECHANICS, *AUCTIONS, *PROPERTIES)
PERCENT = 100.0


def judge(check: Check, shelf: Shelf, formula: str = "") -> Verdict:
    """Try one check.

    Parameters
    ----------
    check : what is tried. shelf : the tables of a store, for checks on data. formula : what it means where it says "same".

    **Source**: the classes of `theory_checks.json`.
    """
    if check.fault:
        return Verdict(check, "unsupported", reason=check.fault)
    if check.cls == "data":
        return judge_history(check, shelf)
    inputs = read_inputs(check.inputs)
    if inputs.faults:
        return Verdict(check, "unsupported", reason="; ".join(inputs.faults.values()))
    found = judge_formula(check, inputs, formula or check.formula)
    return judge_band(check, inputs, found) if check.cls == "band" else found


def judge_formula(check: Check, inputs: Inputs, formula: str) -> Verdict:
    """Try a formula by our models and as it is written.

    **Source**: as `judge`.
    """
    text = read_formula(formula, inputs)
    if text.unmet:
        return Verdict(check, "unsupported", reason=f"the formula is for another case: {'; '.join(text.unmet)}")
    if isinstance(check.expected, bool) and (sides := [e.agrees for e in text.equations if len(e.values) > 1]):
        return _ruled(check, all(sides), "both sides evaluated as written")
    if torn := [equation.label or "the formula" for equation in text.equations if not equation.agrees]:
        return Verdict(check, "disputed", reason=f"the sides of {', '.join(torn)} come to different numbers")
    written = _as_expected(text, check)
    ours, problems = _asked(check, inputs, formula, text)
    if written is None and not any(a.told for a in (*ours, *problems)):
        named = _asked(check, inputs, _everything(check, inputs, formula), text)
        ours, problems = ([a for a in each if a.model.guards or a.model.whole] for each in named)
    return _decided(check, written, ours, problems, text)


def _asked(check: Check, inputs: Inputs, words: str, text: Written) -> tuple[list[Answer], list[Answer]]:
    """Ask the models; return the answers of the expected form, and the models that a text speaks of and that have none."""
    percent = PERCENT if text.percent else 1.0
    said = [replace(a, value=_fitted(_in(a, percent), check)) for a in answers(MODELS, check, inputs, words)]
    return [a for a in said if a.value is not None and _fits(a.value, check)], [a for a in said if a.problem and a.told]


def _everything(check: Check, inputs: Inputs, formula: str) -> str:
    """Return all words of a check, for one whose formula says too little; they speak only of what its inputs make unmistakable."""
    return " ".join([formula, check.name, check.note, check.told, *(str(text) for text in inputs.texts.values())])


def _decided(check: Check, written: Any, ours: Sequence[Answer], problems: Sequence[Answer], text: Written) -> Verdict:  # noqa: ANN401 - as found
    agreeing = [a for a in ours if written is not None and _equal(a.value, written)]
    told = [a for a in ours if a.told]
    if agreeing:
        best = next((a for a in agreeing if a.told), agreeing[0])
        return _ruled(check, best.value, f"{best.model.name}, and as written{_open(best.value)}")
    guards = [a for a in (*told, *problems) if a.model.guards and not a.unused]
    if written is not None and guards:
        return _between(check, written, [a for a in guards if not a.problem], [a for a in guards if a.problem])
    if written is not None:
        return _ruled(check, written, "evaluated as written; no model of ours comes to the same")
    whole = [a for a in told if not a.unused]
    distinct = [a for k, a in enumerate(whole) if not any(_equal(a.value, b.value) for b in whole[:k])]
    if len(distinct) == 1:
        return _ruled(check, distinct[0].value, f"{distinct[0].model.name}{_open(distinct[0].value)}")
    if distinct:
        return Verdict(check, "unsupported", reason=f"the text fits several models: {', '.join(a.model.name for a in distinct)}")
    why = [a.problem for a in problems]
    why += [f"{a.model.name} does not read {', '.join(sorted(a.unused))}" for a in told if a.unused]
    why = why or list(dict.fromkeys(text.unread)) or ["the formula gives nothing of the expected form"]
    return Verdict(check, "unsupported", reason="; ".join(why))


def _between(check: Check, written: Any, told: Sequence[Answer], problems: Sequence[Answer]) -> Verdict:  # noqa: ANN401 - as found
    """Text and model differ: a finding where neither is expected, a dispute where one is."""
    shown = "; ".join([*(f"{a.model.name} gives {plainly(a.value)}" for a in told), *(a.problem for a in problems)])
    reason = f"as written it gives {plainly(written)}; {shown}"
    met = meets(written, check) or any(meets(a.value, check) for a in told)
    return Verdict(check, "disputed" if met else "fail", plainly(told[0].value if told else written), reason)


def _ruled(check: Check, value: Any, reason: str) -> Verdict:  # noqa: ANN401 - as found
    got = value
    if isinstance(value, Alternatives):
        got = next((one for one in value.values if meets(one, check)), value.values[0])
    return Verdict(check, "pass" if meets(value, check) else "fail", plainly(got), reason)


def _as_expected(text: Written, check: Check) -> Any:  # noqa: ANN401 - as found
    """Return what a text comes to, in the form of the expected value; None where it has none of that form."""
    scale = PERCENT if text.percent else 1.0
    values = [_times(equation.values[0], scale) for equation in text.equations]
    expected = check.expected
    if isinstance(expected, Mapping):
        named = {equation.label: value for equation, value in zip(text.equations, values, strict=True) if equation.label}
        found = {name: picked(named, name) for name in expected}
        return found if all(value is not None for value in found.values()) else None
    if not values:
        return None
    if isinstance(expected, list) and not isinstance(plainly(values[0]), list):
        return values if len(values) == len(expected) > 1 else None
    same = [equation for equation in text.equations if equation.label == text.equations[0].label]
    if any(not alike(value, same[0].values[0]) for value in (*(e.values[0] for e in same), *text.others)):
        return None
    return values[0] if shape_of(values[0]) == shape_of(expected) else None


def _times(value: Any, scale: float) -> Any:  # noqa: ANN401 - as found
    if scale == 1.0 or isinstance(value, bool):
        return value
    return [_times(each, scale) for each in value] if isinstance(value, list) else value * scale


def _in(answer: Answer, percent: float) -> Any:  # noqa: ANN401 - as found
    return _times(answer.value, percent) if answer.model.rate and answer.value is not None else answer.value


def _fitted(value: Any, check: Check) -> Any:  # noqa: ANN401 - as found
    """Of an answer by names: those asked for, or as a list where one is expected."""
    if not isinstance(value, Mapping):
        return value
    if isinstance(check.expected, list):
        return list(value.values())
    if isinstance(check.expected, Mapping):
        return {name: picked(value, name) for name in check.expected}
    return next(iter(value.values()))


def _fits(value: Any, check: Check) -> bool:  # noqa: ANN401 - as found
    if isinstance(value, Mapping):
        return all(part is not None for part in value.values())
    return shape_of(value) == shape_of(check.expected)


def _equal(one: Any, other: Any) -> bool:  # noqa: ANN401 - as found
    if isinstance(one, Alternatives):
        return any(_equal(value, other) for value in one.values)
    if isinstance(other, Alternatives):
        return _equal(other, one)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_equal(one[name], other[name]) for name in one)
    return not isinstance(one, Mapping) and not isinstance(other, Mapping) and alike(one, other)


def _open(value: Any) -> str:  # noqa: ANN401 - as found
    return f"; the text leaves open: {value.said}" if isinstance(value, Alternatives) else ""
