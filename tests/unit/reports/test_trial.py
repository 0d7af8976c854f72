"""Does the report of claims show every verdict, in either language, on one page that loads nothing?"""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import replace
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from perpscope.claims.model import VERDICTS, Axis, Figure, Grid, Reproduction, Series, Text
from perpscope.errors import InputError
from perpscope.reports.theme import NARROW
from perpscope.reports.trial.chart import draw
from perpscope.reports.trial.html import trial_page
from perpscope.reports.trial.names import name_lines
from perpscope.reports.trial.numbers import found_number
from perpscope.reports.trial.wording import Language, Wording
from tests.unit.claims.made import claim

DAY = 86_400_000
TITLE = Text("Monthly funding", "月度资金费率")
RATE = Axis(Text("annual rate", "年化费率"), "percent")
TIMES = tuple(float(k * DAY) for k in range(200))
LINE = Figure(
    "fig2",
    TITLE,
    Axis(Text("", ""), "time"),
    RATE,
    (
        Series(Text.same("Binance"), TIMES, tuple(math.sin(k / 9) for k in range(200))),
        Series(Text.same("BitMEX"), TIMES, tuple(math.cos(k / 9) for k in range(200))),
    ),
    lines=((0.1095, Text("interest term", "利率项")),),
    note=Text("n = 200.", "共 200 个。"),
)
BARS = Figure(
    "bars",
    TITLE,
    Axis(Text("", ""), "category"),
    RATE,
    (Series(Text("mean", "均值"), (0.0, 1.0), (0.2, -0.1), "bars", low=(0.1, -0.2), high=(0.3, 0.0)),),
    categories=(Text.same("a"), Text("a rather long name", "很长的名称")),
)
CLOUD = Figure(
    "cloud",
    TITLE,
    Axis(Text("premium", "溢价"), "bp"),
    Axis(Text("money", "金额"), "money", log=True),
    (
        Series(Text("seen", "观测"), tuple(k / 1e5 for k in range(90)), tuple(1.0 + k for k in range(90)), "points"),
        Series(Text("band", "区间"), (0.0, 1e-3), (2.0, 2.0), "band", low=(1.0, 1.0), high=(9.0, 9.0)),
        Series(Text("steps", "阶梯"), (0.0, 5e-4, 1e-3), (2.0, math.nan, 3.0), "steps"),
    ),
)
GRID = Grid(Text("By year", "按年"), (Text("year", "年份"), Text.same("Binance")), (("2020", 0.123), ("2021", None)), ("", ".1%"))


def _found(verdict: Any = "holds", name: str = "F01", **more: Any) -> Reproduction:  # noqa: ANN401 - whatever a reproduction takes
    one = claim(name)
    values: dict[str, Any] = {"found": {"mean": 0.0931, "n_days": 1025.0}, "why": Text(f"{name} <so>.", f"{name} 如此。"), "n": 3074}
    values |= {"window": (0, 900 * DAY), "intervals": {"mean": (0.05, 0.12)}, "figures": (LINE, BARS, CLOUD), "grids": (GRID,)} | more
    return Reproduction(one, verdict, **values)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_claim_has_its_verdict_reason_and_command(language: Language) -> None:
    names = ("F01", "F02", "A01", "C01")
    page = trial_page([_found(verdict, name) for verdict, name in zip(VERDICTS, names, strict=True)], language, "perpscope 0")
    say = Wording(language)
    for verdict, name in zip(VERDICTS, names, strict=True):
        assert f'<article id="{name}"' in page
        assert f"./run claims run {name} --format json" in page
        assert say("verdict", verdict) in page
    assert "F01 &lt;so&gt;." in page if language == "en" else "F01 如此。" in page
    assert page.index('id="verdicts"') < page.index("<article")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_loads_nothing_and_runs_nothing(language: Language) -> None:
    page = trial_page([_found()], language, "perpscope 0")
    assert not re.search(r"<(?:script|link|iframe|img)\b|\bsrc=|url\((?!#)|@import|https?://(?!www\.w3\.org)", page)
    assert "default-src 'none'" in page


def test_the_same_claims_give_the_same_bytes() -> None:
    found = [_found()]
    assert trial_page(found, "en", "x") == trial_page(found, "en", "x")


def test_numbers_stand_beside_what_the_article_says() -> None:
    page = trial_page([_found()], "en", "perpscope 0")
    row = page[page.index('<table class="numbers">') :]
    written = ["10\\.0", "9\\.31", "5\\.00", "12\\.0"]
    stated, found, low, high = (rf"{number}\s%" for number in written)
    exact, between = '</td><td class="num" title="0\\.0931">', rf"\[{low}, {high}\]"
    both = f'<span class="beneath">{between}</span></td><td class="num apart">{between}'
    assert re.search(rf"mean</th><td class=.num.>{stated}{exact}{found}{both}", row)
    assert "1,025" in row


def test_a_figure_of_the_article_says_so_and_one_that_lacks_a_part_says_that() -> None:
    lacking = replace(LINE, marked=Text("without its funding leg", "缺资金费部分"))
    one = replace(_found(figures=(lacking,)), claim=replace(claim(), figure="F6"))
    page = trial_page([one], "en", "perpscope 0")
    assert "Figure 6 of article F, rebuilt" in page
    assert "without its funding leg" in page


def test_generated_data_is_marked() -> None:
    proof = {"digest": "0" * 64, "rows": 1, "parts": [{"who": {"venue": "sim:binanceusdm"}, "missing": 0, "sources": []}]}
    assert "SYNTHETIC" in trial_page([_found(certificate=proof)], "en", "x")
    assert "SYNTHETIC" not in trial_page([_found()], "en", "x")


@pytest.mark.parametrize("figure", [LINE, BARS, CLOUD])
def test_a_drawing_is_well_formed_and_keyed(figure: Figure) -> None:
    drawing = draw(figure, "k", Wording("zh"), synthetic=False)
    for svg in (drawing.wide, drawing.narrow):
        ET.fromstring(svg)  # noqa: S314 - our own drawing
        assert "#0a0b" not in svg
    assert [key.label for key in drawing.keys] == [series.label.zh for series in figure.series]


def test_there_are_two_languages() -> None:
    with pytest.raises(InputError, match="en, zh"):
        Wording("fr")  # type: ignore[arg-type]  # the mistake that is tried


def test_the_page_says_everything_in_both_languages() -> None:
    def lacking(told: Any, path: str = "") -> list[str]:  # noqa: ANN401 - a tree of tables
        if not isinstance(told, dict):
            return [path]
        if set(told) == {"en", "zh"}:
            return []
        return [each for name, value in told.items() for each in lacking(value, f"{path}.{name}")]

    text = (files("perpscope.reports.trial") / "words.toml").read_text(encoding="utf-8")
    assert lacking(tomllib.loads(text)) == []


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("gap", 0.0931, "9.31\u202f%"),
        ("gap", -0.5, "\u221250.0\u202f%"),
        ("rate", 0.0001, "0.01\u202f%"),
        ("rate", 0.0, "0\u202f%"),
        ("days", 61.0, "61"),
        ("half_life_hours", 1.684, "1.684"),
        ("t_hac", -3.456, "\u22123.456"),
        ("residual", 4.9e-11, "4.9e\u221211"),
        ("profit_usd", 52_627.18, "52,627"),
        ("cost_bp", 1.234, "1.23"),
        ("gap", None, "–"),  # noqa: RUF001 - how a table says nothing
    ],
)
def test_a_number_is_written_by_its_name_and_magnitude(name: str, value: float | None, text: str) -> None:
    assert found_number(name, value) == text


def test_a_claim_can_say_how_its_numbers_are_written() -> None:
    assert found_number("gap", 52_627.18, ",.2f") == "52,627.18"
    assert found_number("gap", -0.1, ".0%") == "\u221210\u202f%"


def test_the_reason_of_a_verdict_stands_first_and_once() -> None:
    lead = Text("So it is.", "确实如此。")
    page = trial_page([_found(lead=lead, why=Text("So it is. The mean is 9 %.", "确实如此。均值为 9%。"))], "en", "x")
    assert page.count("So it is.") == 1
    assert page.index('class="why reason">So it is.<') < page.index('class="why">The mean is 9\u202f%.<')


def test_columns_without_numbers_are_left_out() -> None:
    page = trial_page([replace(_found(intervals={}), claim=replace(claim(), stated={}))], "en", "x")
    table = page[page.index('<table class="numbers">') :]
    assert table[: table.index("</thead>")].count("<th ") == 2


def test_names_of_reference_lines_cover_neither_data_nor_each_other() -> None:
    from matplotlib.figure import Figure as Canvas

    lines = ((0.05, Text("last rate", "最近一次费率")), (0.06, Text("moving average", "移动平均")))
    figure = replace(LINE, series=(replace(LINE.series[0], y=tuple(0.08 if k > 120 else -0.5 for k in range(200))),), lines=lines)
    canvas = Canvas(figsize=(8.2, 3), dpi=72)
    axes = canvas.add_subplot()
    axes.set_xlim(TIMES[0], TIMES[-1])
    axes.set_ylim(-0.6, 0.6)
    name_lines(axes, figure, NARROW, Wording("en"), lying=False)
    boxes = [text.get_window_extent() for text in axes.texts]
    drawn = axes.transData.transform(list(zip(figure.series[0].x, figure.series[0].y, strict=True)))
    assert len(boxes) == 2
    assert not boxes[0].overlaps(boxes[1])
    assert not any(box.contains(*at) for box in boxes for at in drawn)
