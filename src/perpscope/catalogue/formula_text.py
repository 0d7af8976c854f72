"""How is a rule as written told in symbols and in words?

From the texts of the file, unknowns included, so that a rule that cannot be built can still be read.
"""

from __future__ import annotations

from perpscope.catalogue.dated import DatedRule

_OBSERVED = {
    "none": ("p = 0", "no premium is looked at"),
    "impact_band": ("p = (max(0, IB - X) - max(0, X - IA)) / X", "how far the index lies outside the impact spread"),
    "impact_band_mark": ("p = (max(0, IB - M) - max(0, M - IA)) / X", "how far the mark lies outside the impact spread, over the index"),
    "impact_band_mark_basis": (
        "p = (max(0, IB - M) - max(0, M - IA)) / X + fair basis",
        "how far the mark lies outside the impact spread, over the index, plus the fair basis",
    ),
    "impact_band_mark_rate": (
        "p = (max(0, IB - M) - max(0, M - IA)) / X + rate in force",
        "how far the mark lies outside the impact spread, over the index, plus the rate in force",
    ),
    "mid": ("p = (bid + ask) / 2 / X - 1", "the middle of the best quotes over the index"),
    "impact_mid": ("p = (IB + IA) / 2 / X - 1", "the mean of the impact prices over the index"),
    "mark_premium": ("p = (M - X) / X", "the mark over the index"),
    "mark_premium_basis": ("p = (M - X) / X + fair basis", "the mark over the index plus the fair basis"),
    "execution_premium": ("p = (executions - M) / M", "the average price of executions over the mark"),
    "difference": ("p = M - X", "the mark less the index, in quote units"),
    "imbalance": ("p = (longs - shorts) / (longs + shorts)", "the excess of one side's open interest"),
    "utilisation": ("p = reserved / pool", "the reserved share of the pool"),
    "skew": ("p = longs - shorts", "the open longs less the open shorts, in base units"),
    "final_price": ("p = X", "the index, in quote units"),
    "outside": ("p = what somebody outside sets", "what somebody outside sets"),
    "orders": ("b, s = what is bought and sold at a limit", "orders and notices of an auction"),
}
_AVERAGED = {
    "mean": ("P = Σ p / n", "the plain mean"),
    "linear": ("P = Σ k·p_k / Σ k", "a mean with weights 1, 2, …, n"),
    "time": ("P = ∫ p dt / ∫ dt", "the mean over time"),
    "last": ("P = the last p", "the last sample"),
    "decay": ("P = Σ 2^(-age/half-life)·p, normed", "a mean whose weights decay"),
    "median_mean": ("P = mean of block medians", "the mean of medians"),
    "velocity": ("P = mean of r, dr/dt = clamp(p / scale, -1, 1) · fastest a day", "the mean of a rate that drifts with it"),
    "auction": ("P = the price at which Σ b = Σ s", "the one price at which they clear"),
    "adaptive": ("P = mean of r, which grows by p · increase a second and fades", "the mean of a rate that grows and fades with it"),
}
LETTERS = (
    "IB, IA: impact bid and ask. M: mark. X: index. p, q: one sample. P: the average. I: interest. A: added interest. "
    "N: hours of the interval. F: the rate. A word such as cap is a number of the contract."
)


def in_symbols(rule: DatedRule) -> str:
    """Write the rule as two to four lines of formula; letters as in the venues' own guides, N the hours of the interval."""
    lines = [line for line in (_observed(rule), _each(rule), _averaged(rule)) if line]
    return "\n".join([*lines, _decided(rule), *_where(rule)])


def in_words(rule: DatedRule) -> str:
    """Tell the rule as sentences."""
    told = [_looks(rule), _averages(rule), _pulls(rule), _limits(rule), _pays(rule)]
    return " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in told if sentence)


def said(rule: DatedRule, where: str) -> str | None:
    """Text of "part.name"; "?" where it is unknown, None where the rule has no such part."""
    part, _, name = where.partition(".")
    value = rule.parts[part].get(name)
    return None if value is None else value.text if value.known else "?"


def _observed(rule: DatedRule) -> str:
    kind = said(rule, "observe.kind") or "none"
    bound = said(rule, "observe.bound")
    text = _OBSERVED.get(kind, ("p = ? (not established)", ""))[0]
    return "" if kind == "none" else f"{text}, held within ±{bound}" if bound else text


def _each(rule: DatedRule) -> str:
    if said(rule, "each.kind") is None:
        return ""
    if said(rule, "each.kind") == "whole":
        bound = said(rule, "each.bound")
        return _pull("q", "p", said(rule, "each.interest"), said(rule, "each.damper")) + (f", held within ±{bound}" if bound else "")
    return "q = " + (f"{said(rule, 'each.kind')} of p" if said(rule, "each.kind") != "?" else "? (not established)")


def _averaged(rule: DatedRule) -> str:
    if (said(rule, "observe.kind") or "none") == "none":
        return ""
    text = _AVERAGED.get(said(rule, "reduce.kind") or "last", ("P = ? (not established)", ""))[0]
    return text.replace("p", "q") if said(rule, "each.kind") is not None else text


def _pull(out: str, premium: str, interest: str | None, damper: str | None) -> str:
    if damper in {None, "0"}:
        return f"{out} = {premium}"
    if damper == "inf":
        return f"{out} = I"
    letter = "0" if interest in {None, "0"} else "I" if premium == "P" else interest
    return f"{out} = {premium} + clamp({letter} - {premium}, ±{damper})"


def _combined(rule: DatedRule) -> str:
    combine = said(rule, "formula.combine") or "pull"
    damper = said(rule, "formula.damper")
    if combine == "larger":
        return "max(I, P)"
    if combine == "clamped_premium":
        return f"I + clamp(P, ±{damper})"
    text = _pull("R", "P", said(rule, "formula.interest"), damper).removeprefix("R = ")
    return text.replace("P", "h(P)", 1) if said(rule, "formula.knee1") is not None else text


def _decided(rule: DatedRule) -> str:
    text = _combined(rule)
    simple = " " not in text
    times, period = said(rule, "formula.times"), said(rule, "formula.period")
    if times is not None or period not in {None, "0"}:
        text = text if simple else f"({text})"
    text = f"{times} · {text}" if times is not None else text
    text = f"{text} · N/{_below(period)}" if period not in {None, "0"} else text
    text = f"{text} + A" if said(rule, "formula.add") is not None else text
    if said(rule, "formula.cap") is not None:
        text = f"clamp({text}, {said(rule, 'formula.floor')}, {said(rule, 'formula.cap')})"
    keep, change = said(rule, "formula.keep"), said(rule, "formula.change")
    text = f"(1 - k) · {text if simple else f'({text})'} + k · F before" if keep is not None else text
    text = f"{text}, at most {change} from the rate before" if change is not None else text
    decimals = said(rule, "formula.decimals")
    return f"F = {text}" + (f", to {decimals} decimals" if decimals not in {None, "?"} else "")


def _where(rule: DatedRule) -> list[str]:
    """Lines for the letters that stand for numbers of their own period."""
    lines = []
    interest = said(rule, "formula.interest")
    if interest is not None and said(rule, "formula.damper") != "0":
        lines.append(f"I = {_factor(interest)}{_per(rule, 'interest_per')}")
    if said(rule, "formula.add") is not None:
        lines.append(f"A = {said(rule, 'formula.add')}{_per(rule, 'add_per')}")
    per = said(rule, "formula.limit_per")
    if per is not None:
        lines.append(f"the limits are those of {per} h: · N/{_below(per)}")
    if said(rule, "formula.keep") is not None:
        lines.append(f"k = {said(rule, 'formula.keep')}")
    return lines + _bend(rule)


def _bend(rule: DatedRule) -> list[str]:
    """Line for a bent premium."""
    knees = [(said(rule, f"formula.knee{k}"), said(rule, f"formula.slope{k}")) for k in (1, 2)]
    told = [f"slope {slope} beyond ±{knee}" for knee, slope in knees if knee is not None]
    return [f"h(P) = P, {', '.join(told)}"] if told else []


def _below(text: str | None) -> str:
    """Write what stands under a fraction line."""
    return f"({text})" if text is not None and "/" in text else f"{text}"


def _factor(text: str) -> str:
    return f"({text})" if any(sign in text[1:] for sign in "+-") else text


def _per(rule: DatedRule, name: str) -> str:
    hours, period = said(rule, f"formula.{name}"), said(rule, "formula.period")
    if hours is None:
        return "" if period is None or name != "interest_per" else f" per {period} h"
    target = period if period is not None and name == "interest_per" else "N"
    return f" · {target}/{hours}"


def _looks(rule: DatedRule) -> str:
    kind = said(rule, "observe.kind") or "none"
    if kind == "none":
        return _OBSERVED["none"][1]
    every = said(rule, "observe.every_seconds")
    spacing = f", every {every} seconds" if every not in {None, "?"} else ""
    return f"it looks at {_OBSERVED.get(kind, ('', 'a premium not established'))[1]}{spacing}"


def _averages(rule: DatedRule) -> str:
    if (said(rule, "observe.kind") or "none") == "none":
        return ""
    how = _AVERAGED.get(said(rule, "reduce.kind") or "last", ("", "an average not established"))[1]
    what = "the formula is put on every sample, and it takes" if said(rule, "each.kind") == "whole" else "it takes"
    return f"{what} {how}"


def _pulls(rule: DatedRule) -> str:
    combine, damper = said(rule, "formula.combine") or "pull", said(rule, "formula.damper")
    period = said(rule, "formula.period")
    scaled = f", times N/{_below(period)} for an interval of N hours" if period not in {None, "0"} else ""
    if combine == "larger":
        return f"the rate is the larger of interest and premium{scaled}"
    if combine == "clamped_premium":
        return f"the rate is the interest plus the premium held within {damper}{scaled}"
    if said(rule, "reduce.kind") == "auction":
        return f"the rate is that price{', with the other sign' if said(rule, 'formula.times') == '-1' else ''}"
    if damper in {None, "0"}:
        return f"the rate is the average{scaled}{' plus an interest' if said(rule, 'formula.add') else ''}"
    return (
        f"the rate is the interest{scaled}"
        if damper == "inf"
        else f"the average is pulled towards the interest by at most {damper}{scaled}"
    )


def _limits(rule: DatedRule) -> str:
    cap, keep, change = (said(rule, f"formula.{name}") for name in ("cap", "keep", "change"))
    told = [] if cap is None else ["its limit is not known"] if cap == "?" else [f"it is limited at {cap}"]
    told += [] if keep is None else [f"a share of {keep} of the rate before stays in it"]
    told += [] if change is None else [f"it moves by at most {change} from one rate to the next"]
    return " and ".join(told)


def _pays(rule: DatedRule) -> str:
    hours, phase, lag = (said(rule, f"schedule.{name}") for name in ("hours", "phase_hours", "lag"))
    price, flow = said(rule, "settle.price"), said(rule, "settle.flow")
    span = "hour" if hours == "1" else f"{hours} hours"
    grid = f" ({phase} hours after midnight UTC and on)" if phase not in {None, "0", "?"} else ""
    late = ", one interval after it was fixed" if lag == "1" else ", at the end of its own interval" if lag == "0" else ""
    at = {"none": ", whatever the price", None: "", "?": ""}.get(price, f", on the {price} price")
    if flow == "through":
        fixed = "" if hours in {None, "0", "?"} else f", fixed every {span}{grid}{', for the interval after' if lag == '1' else ''}"
        return f"it accrues all the time{fixed}{at}"
    often = f"every {span}" if hours not in {None, "?"} else "at times not known"
    return f"it is paid {often}{grid}{late}{', by those who hold at the stamp' if flow == 'stamp' else ''}{at}"
