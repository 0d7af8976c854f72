"""Is a number of an option taken as it was written, or refused?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import pytest
from cyclopts import App, CoercionError, Parameter

from perpscope.cli.app import MISUSE, run
from perpscope.cli.typed import as_written


@Parameter(name="*")
@dataclass(frozen=True)
class Words:
    top: Annotated[int, Parameter(help="how many")] = 3
    names: tuple[str, ...] = ()


def asked(*tokens: str) -> object:
    """What a verb below a verb is given."""
    outer, inner = App(default_parameter=Parameter(converter=as_written)), App(name="inner")
    outer.command(inner)

    @inner.command
    def verb(
        *bare: str, words: Words | None = None, hold: float | None = None, way: Literal["a", "b"] = "a", share: bool = False
    ) -> tuple[object, ...]:
        return bare, words, hold, way, share

    return outer(["inner", "verb", *tokens], exit_on_error=False, print_error=False, result_action="return_value")


def test_words_of_every_type_arrive() -> None:
    told = asked("x", "y", "--top", "5", "--names", "q", "--names", "r", "--hold", "1.5", "--way", "b", "--share")
    assert told == (("x", "y"), Words(5, ("q", "r")), 1.5, "b", True)


@pytest.mark.parametrize(
    ("tokens", "told"),
    [
        (("--top", "1.5"), "'1.5' is no whole number"),
        (("--top", "3.0"), "'3.0' is no whole number"),
        (("--hold", "nan"), "'nan' is not a number"),
        (("--hold", "soon"), "soon"),
    ],
)
def test_what_cannot_be_meant_is_refused(tokens: tuple[str, ...], told: str) -> None:
    with pytest.raises(CoercionError, match=told):
        asked(*tokens)


@pytest.mark.parametrize(
    "line",
    [
        "carry scan --window 1.5",
        "carry scan --max-breakeven nan",
        "carry backtest a b --look 2.7",
        "carry backtest a b --stay nan",
        "carry sweep a b --train nan",
        "carry sweep a b --purge nan",
        "carry sweep a b --draws 1.5",
        "carry hedge a b --days nan",
        "carry allocate --risk nan",
        "carry example coinflex --histories --days nan",
    ],
)
def test_every_verb_refuses_them(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(line.split()) == MISUSE
    assert "is no" in capsys.readouterr().err
