"""Do figures draw what they say, and can none be made without count, window and source?"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from perpscope.errors import InputError, NotEnoughData
from perpscope.market.time import to_ms
from perpscope.reports.figures.axes import nice_step, time_ticks
from perpscope.reports.figures.canvas import tidy
from perpscope.reports.figures.coverage import coverage
from perpscope.reports.figures.months import months
from perpscope.reports.figures.picture import Caption, Picture
from perpscope.reports.figures.residuals import residuals
from perpscope.reports.figures.spread import spread
from perpscope.reports.figures.today import today
from perpscope.reports.inputs import Audit, ReportInputs
from perpscope.reports.picture import board_picture
from perpscope.reports.subject import Subject
from perpscope.reports.theme import BLACK, HEAT_EDGES, PAPER, ROLES, Palette, heat, role
from tests.unit.analysis.frames import at, contract, regular
from tests.unit.reports import made


def subject(inputs: ReportInputs | None = None) -> Subject:
    found = Subject.of(inputs or made.inputs())
    assert found is not None
    return found


def words(svg: str) -> list[str]:
    return [node.text or "" for node in ET.fromstring(svg).iter() if node.tag.endswith("text")]  # noqa: S314 - our own drawing


@pytest.mark.parametrize("facts", [(0, 0, 1, "a"), (1, 2, 1, "a"), (1, 0, 1, "")])
def test_a_caption_needs_count_window_and_source(facts: tuple[int, int, int, str]) -> None:
    with pytest.raises(InputError, match="a caption"):
        Caption(*facts)


def test_a_caption_tells_them() -> None:
    caption = Caption(1234, at(0), at(48), "somewhere")
    assert caption.facts == "n = 1,234 published fixings · window 2026-01-05 to 2026-01-07 UTC · source: somewhere"


def test_the_mark_of_generated_data_is_part_of_title_and_legend() -> None:
    caption = Caption(1, 0, 1, "a", notes="Drawn so.")
    plain, made_up = (Picture("k", "What?", caption, "", "", "", synthetic=made_up) for made_up in (False, True))
    assert (plain.title, plain.legend) == ("What?", "Drawn so.")
    assert (made_up.title, made_up.legend) == ("SYNTHETIC: What?", "SYNTHETIC data, generated and not from any market. Drawn so.")


def test_today_names_current_coins_or_contracts_only() -> None:
    picture = today(subject())
    assert picture
    told = words(picture.wide)
    assert {"alpha BTC/USDT", "beta BTC/USDC", "alpha ETH/USDT", "beta ETH/USDC"} <= set(told)
    assert not any("gamma" in word for word in told), "a contract that ended is not current"
    assert picture.caption.end - picture.caption.start <= 30 * 86_400_000


def test_today_counts_exactly_the_fixings_of_its_window() -> None:
    picture = today(subject())
    assert picture
    assert picture.caption.n == 2 * 90 + 2 * 720


def test_many_contracts_share_a_row_per_coin() -> None:
    frames = [contract(regular(100, 8), venue=f"v{i}", symbol=f"C{i % 5}/USDT:USDT") for i in range(30)]
    picture = today(subject(ReportInputs(pl.concat(frames), now_ms=made.NOW)))
    assert picture
    assert {f"C{i}" for i in range(5)} <= set(words(picture.narrow))


def test_months_draw_one_cell_per_covered_month() -> None:
    frame = contract(regular(24 * 3 + 3, 8))
    picture = months(subject(ReportInputs(frame, now_ms=made.NOW)))
    assert picture
    cells = re.findall(r'd="(M[^"]*)" clip-path="[^"]*" style="fill: var\(--h\d\)"', picture.wide)
    assert sum(path.count("M ") for path in cells) == 1, "25 days of January are a cell, no other month is half held"


def test_spread_needs_two_venues() -> None:
    assert spread(subject(ReportInputs(contract(regular(500, 8)), now_ms=made.NOW))) is None
    picture = spread(subject())
    assert picture
    assert any(word.startswith("BTC, 2 to 3 contracts") for word in words(picture.wide))


def test_coverage_tells_the_gaps_it_marks() -> None:
    picture = coverage(subject())
    assert "Marks: 1 gap inside histories" in picture.caption.notes
    assert "(392 hours in all)" in picture.caption.notes
    assert "No history has a gap" in coverage(subject(ReportInputs(contract(regular(9, 8)), now_ms=made.NOW))).caption.notes


@pytest.mark.parametrize(("error", "above"), [(3e-11, 0), (6e-11, 3200)])
def test_residuals_count_those_above_the_tolerance(error: float, above: int) -> None:
    audit = Audit("beta", "BTC/USDC:USDC", made.HOURS, made.HOURS, made.HOURS, 1e-10, residuals=made.residuals(error))
    picture = residuals(audit, "a source")
    assert picture
    assert picture.caption.n == made.HOURS
    assert f"the tolerance of the audit; {above:,} of {made.HOURS:,} residuals are above it." in picture.caption.notes


def test_an_audit_without_residuals_has_no_figure() -> None:
    assert residuals(Audit("beta", "BTC/USDC:USDC", 5, 0, 0), "a source") is None


def test_the_front_page_picture_stands_alone_in_light_and_dark() -> None:
    svg = board_picture(made.inputs(synthetic=frozenset({"source-alpha"})))
    root = ET.fromstring(svg)  # noqa: S314 - our own drawing
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "prefers-color-scheme:dark" in svg
    assert PAPER["ink"] in svg
    assert BLACK["ink"] in svg
    assert "SYNTHETIC: Who paid most over the last 30 days, and who was paid?" in words(svg)
    assert any("source: file source-" in word for word in words(svg))
    assert re.findall(r"href=\"(?!#)|<image|@import", svg) == []
    ids = re.findall(r' id="([^"]+)"', svg)
    assert len(ids) == len(set(ids))


def test_the_front_page_picture_needs_thirty_days() -> None:
    with pytest.raises(NotEnoughData):
        board_picture(ReportInputs(contract(regular(3, 8)), now_ms=made.NOW))


def test_tidying_keeps_what_is_referred_to_and_shortens_numbers() -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9pt" height="9pt" viewBox="0 0 9 9">'
        '<metadata><x/></metadata><defs><path id="m1" d="M 0.123456 -0.004 L 5.0001 7"/><clipPath id="p"><rect/></clipPath></defs>'
        f'<g id="unused"><use xlink:href="#m1" style="fill: {role("ink")}; font: 10px \'DejaVu Sans\'"/><g id="empty"/></g>'
        '<path clip-path="url(#p)"/></svg>'
    )
    told = tidy(svg, "key", 'a "quoted" <alt>')
    assert "metadata" not in told
    assert "unused" not in told
    assert 'id="key-m1"' in told
    assert 'href="#key-m1"' in told
    assert 'clip-path="url(#key-p)"' in told
    assert 'd="M 0.1 0 L 5 7"' in told
    assert "fill: var(--ink); font-size:10px;" in told
    assert 'aria-label="a &quot;quoted&quot; &lt;alt&gt;"' in told


def test_every_role_has_a_colour_on_paper_and_on_black_and_its_own_sentinel() -> None:
    assert set(PAPER) == set(BLACK)
    assert len({role(name) for name in ROLES}) == len(ROLES)
    assert "#000000" not in {role(name) for name in ROLES}, "black is what the drawing library leaves out"


@pytest.mark.parametrize("colours", [PAPER, BLACK])
def test_words_can_be_read_on_their_page(colours: dict[str, str]) -> None:
    """WCAG contrast: 4.5 for text. Source: https://www.w3.org/TR/WCAG21/#contrast-minimum."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    page = luminance(colours["paper"])
    for name in ("ink", "muted", "accent", "good"):
        light, dark = sorted((luminance(colours[name]), page), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name


def test_heat_changes_colour_at_its_edges() -> None:
    assert heat(HEAT_EDGES[0] - 1e-9) == "h0"
    assert [heat(edge) for edge in HEAT_EDGES] == [f"h{i}" for i in range(1, 9)]


def test_venues_that_share_a_colour_differ_in_their_marker() -> None:
    names = tuple(f"v{i}" for i in range(20))
    palette = Palette(names)
    assert len({(palette.colour(name), palette.marker(name)) for name in names}) == 20


@pytest.mark.parametrize(
    ("start", "end", "most", "labels"),
    [
        ("2016-05-14", "2026-06-08", 6, ["2018", "2020", "2022", "2024", "2026"]),
        ("2025-08-15", "2026-08-22", 5, ["Oct", "Jan\n2026", "Apr", "Jul"]),
        ("2026-01-03", "2026-01-20", 4, ["3 Jan", "8 Jan", "13 Jan", "18 Jan"]),
    ],
)
def test_ticks_stand_on_whole_years_months_and_days(start: str, end: str, most: int, labels: list[str]) -> None:
    places, told = time_ticks(to_ms(f"{start}T00:00:00Z"), to_ms(f"{end}T00:00:00Z"), most)
    assert told == labels
    assert len(places) == len(told) <= most


def test_ticks_speak_chinese_too() -> None:
    months = time_ticks(to_ms("2025-08-15T00:00:00Z"), to_ms("2026-08-22T00:00:00Z"), 5, "zh")[1]
    days = time_ticks(to_ms("2026-01-03T00:00:00Z"), to_ms("2026-01-20T00:00:00Z"), 4, "zh")[1]
    assert months == ["10 月", "1 月\n2026", "4 月", "7 月"]
    assert days == ["1 月 3 日", "1 月 8 日", "1 月 13 日", "1 月 18 日"]


@pytest.mark.parametrize(("span", "most", "step"), [(1.0, 5, 0.2), (0.36, 9, 0.05), (0.0006, 4, 0.0002), (30.0, 3, 10.0)])
def test_steps_are_round(span: float, most: int, step: float) -> None:
    assert nice_step(span, most) == pytest.approx(step)
