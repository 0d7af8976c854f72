"""What is left of a rule when one of its parts is taken away or exchanged?

Generic: every name in a rule's own text is removed, which leaves the neutral number of that part; every kind is also
exchanged for each other kind that can read the same columns.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, replace

from perpscope.catalogue.dated import PARTS, DatedRule
from perpscope.catalogue.sourced import Sourced
from perpscope.errors import PerpscopeError
from perpscope.market.time import to_ms
from perpscope.mechanisms.auction import TIES
from perpscope.mechanisms.observe import OBSERVATIONS
from tests.conformance.cases import Example, document, examples, wrong

NEUTRAL = {"observe.kind": "none", "each.interest": "0", "each.damper": "0"}
"""What stands for nothing where a name cannot be missing; every other name may simply be removed."""
GONE_WHOLE = {"reduce.kind": "last"}
"""What a part that is taken away whole leaves behind."""
AVERAGES = ("mean", "linear", "last")
PAID = ("schedule", "settle")


@dataclass(frozen=True)
class Mutant:
    """A rule with one part changed, and what the change was."""

    what: str
    rule: DatedRule


def mutants(rule: DatedRule) -> Iterator[Mutant]:
    """Every rule that differs from this one by one part that decides rates."""
    for part in PARTS:
        if part in PAID:
            continue
        for name, value in rule.parts[part].items():
            where = f"{part}.{name}"
            if name == "tie" and value.known:
                yield from (Mutant(f"{where} {other}", exchanged(rule, part, name, other)) for other in TIES if other != value.text)
            elif value.known and value.text not in {NEUTRAL.get(where), GONE_WHOLE.get(where)}:
                yield Mutant(f"without {where}", exchanged(rule, part, name, NEUTRAL.get(where)))
    for part, kinds in (("observe", tuple(OBSERVATIONS)), ("reduce", AVERAGES)):
        kind = rule.parts[part].get("kind")
        if kind is not None and kind.known and kind.text != "none":
            yield from (Mutant(f"{part}.kind {other}", exchanged(rule, part, "kind", other)) for other in kinds if other != kind.text)


def exchanged(rule: DatedRule, part: str, name: str, text: str | None) -> DatedRule:
    """Return the rule with one value replaced, or removed where `text` is None; without its kind a part is gone whole."""
    values = dict(rule.parts[part])
    if text is not None:
        values[name] = Sourced(text, "mutant")
    elif name == "kind" and part != "observe":
        values = {}
    else:
        del values[name]
    return replace(rule, parts={**rule.parts, part: values})


def noticed(mutant: Mutant) -> bool | None:
    """Whether an example of the rule fails under the mutant; None where none can be put to it."""
    seen = False
    for example in examples(mutant.rule.venue, mutant.rule.id):
        if not _readable(mutant, example):
            continue
        seen = True
        try:
            if wrong(example, example.build(mutant.rule)):
                return True
        except (PerpscopeError, TypeError):  # a part cannot be built without a number it must have
            return True
    return False if seen else None


def _readable(mutant: Mutant, example: Example) -> bool:
    """Whether the example has the columns that an exchanged way of observing reads."""
    if not mutant.what.startswith("observe.kind "):
        return True
    kind = mutant.rule.parts["observe"]["kind"].text
    return set(inspect.signature(OBSERVATIONS[kind]).parameters) <= set(example.raw["rows"])


def paid(rule: DatedRule) -> dict[str, object]:
    """What the rule says about stamps and payments, in the words of the data file."""
    told = next(entry for entry in document(rule.venue)["payments"] if entry["rule"] == rule.id)
    lag = rule.parts["schedule"].get("lag")
    schedule = rule.schedule
    stamps: list[int] = []
    if schedule is not None and not schedule.continuous:
        now = to_ms(told["after"])
        for _ in told["stamps"]:
            now = schedule.next_after(now)
            stamps.append(now)
    words = {name: value.text if value.known else "unknown" for name, value in rule.parts["settle"].items()}
    return {
        "stamps": stamps,
        "continuous": schedule is not None and schedule.continuous,
        "lag": None if lag is None or not lag.known else int(lag.number({})),
        "price": words.get("price", "nothing"),
        "flow": words.get("flow", "nothing"),
        "settle": {name: text for name, text in words.items() if name not in {"price", "flow"}},
    }


def paid_mutants(rule: DatedRule) -> Iterator[Mutant]:
    """Every rule that differs from this one by one thing it says about stamps and payments."""
    for part in PAID:
        for name, value in rule.parts[part].items():
            told = rule.schedule is not None if (part, name) == ("schedule", "hours") else value.text != "0"
            if value.known and told:
                yield Mutant(f"without {part}.{name}", exchanged(rule, part, name, None))
