"""Is the page whole, self-contained, escaped, and honest about what is generated?"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from perpscope.reports.html import build_report
from perpscope.reports.inputs import ReportInputs
from tests.unit.analysis.frames import contract, regular
from tests.unit.reports import made

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = frozenset({"source-alpha", "source-beta", "source-gamma"})
VOID = {"meta", "input", "br", "hr", "img", "link"}


@lru_cache(maxsize=4)
def page(*synthetic: str) -> str:
    return build_report(made.inputs(synthetic=frozenset(synthetic)))


class Nesting(HTMLParser):
    """Notes every tag that is closed in the wrong place, ids, and what would be loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.pointers: list[str] = []
        self.loads: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self._note(tag, dict(attrs))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, dict(attrs))

    def _note(self, tag: str, found: dict[str, str | None]) -> None:
        self.ids += [found["id"] or ""] if "id" in found else []
        target = found.get("href") or ""
        self.pointers += [target[1:]] if target.startswith("#") else []
        self.pointers += re.findall(r"url\(#([^)]+)\)", " ".join(value or "" for value in found.values()))
        if found.get("src") or (target and not target.startswith("#")) or tag in {"link", "iframe", "object", "embed", "base"}:
            self.loads.append(f"{tag} {found}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def parsed(html: str) -> Nesting:
    parser = Nesting()
    parser.feed(html)
    parser.close()
    return parser


def figures(html: str) -> Iterator[tuple[str, str]]:
    """(title, whole text) of every figure."""
    for block in re.findall(r"<figure.*?</figure>", html, re.DOTALL):
        title = re.search(r"<h3>(.*?)</h3>", block)
        assert title
        yield title[1], block


def test_every_tag_is_closed_where_it_was_opened() -> None:
    found = parsed(page())
    assert found.wrong == []
    assert found.open == []


def test_ids_are_unique_and_every_pointer_finds_its_target() -> None:
    found = parsed(page())
    assert len(found.ids) == len(set(found.ids))
    assert set(found.pointers) <= set(found.ids)


def test_nothing_is_loaded_from_anywhere() -> None:
    html = page()
    assert parsed(html).loads == []
    assert "default-src 'none'" in html
    assert re.findall(r"@import|url\((?!#)|fetch\(|XMLHttpRequest|//cdn", html) == []
    assert [link for link in re.findall(r"https?://[^\s\"'<)&]*", html) if "evil.example" not in link] == []


def test_names_from_outside_are_text_and_not_markup() -> None:
    html = page()
    assert "<script src=" not in html
    assert html.count("&lt;script src=") >= 4
    assert html.count("<script>") == 1


def test_every_figure_is_a_question_with_count_window_and_source() -> None:
    found = list(figures(page()))
    assert len(found) >= 8
    for title, block in found:
        assert title.endswith("?")
        facts = re.search(r'<span class="facts">(.*?)</span>', block)
        assert facts, title
        assert re.match(r"n = [1-9][\d,]* [\w ]+ · window \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d UTC · source: file source-\w+", facts[1]), (
            facts[1]
        )


def test_every_figure_comes_wide_and_narrow_as_clean_svg() -> None:
    for title, block in figures(page()):
        drawings = re.findall(r"<svg.*?</svg>", block, re.DOTALL)
        assert len(drawings) == 2, title
        for drawing in drawings:
            root = ET.fromstring(drawing)  # noqa: S314 - our own drawing
            assert root.tag == "svg"
            assert root.get("role") == "img"
            assert root.get("aria-label")
            assert "<image" not in drawing
            assert "#0a0b" not in drawing, "a sentinel colour was not replaced"
            assert "font-family" not in drawing


@pytest.mark.parametrize("synthetic", [(), ("source-alpha",), tuple(sorted(ALL))])
def test_generated_data_is_marked_if_and_only_if_it_is_there(synthetic: tuple[str, ...]) -> None:
    html = page(*synthetic)
    glossary = html.index('<dl class="glossary">')
    seen = "SYNTHETIC" in html[:glossary]
    assert seen is bool(synthetic)
    assert ("<title>SYNTHETIC: " in html) is bool(synthetic)
    assert ('<p class="band"' in html) is bool(synthetic)
    assert ("Everything on this page is generated" in html) is (set(synthetic) == ALL)
    rows = re.findall(r'<tr data-venue="(\w+)"(.*?)</tr>', html, re.DOTALL)
    assert {venue for venue, row in rows if "SYNTHETIC" in row} == {one.removeprefix("source-") for one in synthetic}


def test_a_figure_of_generated_data_says_so_in_title_caption_and_drawing() -> None:
    for title, block in figures(page(*sorted(ALL))):
        assert title.startswith("SYNTHETIC: ")
        assert "SYNTHETIC data" in re.sub(r"<svg.*?</svg>", "", block, flags=re.DOTALL)
        for drawing in re.findall(r"<svg.*?</svg>", block, re.DOTALL):
            assert drawing.count("SYNTHETIC") >= 2


def test_a_figure_without_generated_data_is_not_marked_beside_one_with() -> None:
    marked = {title.removeprefix("SYNTHETIC: "): title.startswith("SYNTHETIC") for title, _ in figures(page("source-alpha"))}
    assert marked["How near is the computed rate of beta BTC/USDC to the published one?"] is False
    assert marked["What did longs pay on BTC, venue by venue?"] is True


def test_the_board_works_without_script_and_sorts_by_plain_numbers() -> None:
    html = page()
    body = re.findall(r"<tr data-venue=.*?</tr>", html, re.DOTALL)
    assert len(body) == 6
    heads = len(re.findall(r"<th scope=\"col\"", html[html.index('id="table"') : html.index("<tbody>")]))
    for row in body:
        cells = re.findall(r"<t[hd][ >]", row)
        assert len(cells) == heads
        for value in re.findall(r'<td[^>]* data-v="([^"]*)"', row):
            assert value == "" or float(value) == float(value)


def test_a_window_without_enough_says_how_much_is_held() -> None:
    html = page()
    assert re.search(r'title="\d+ % of the 90 days is covered">\d+', html)


def test_a_limit_known_for_a_part_of_the_history_is_called_so() -> None:
    base = made.inputs()
    late = replace(base, terms=[replace(base.terms[0], since=made.NOW - 9_000_000_000)])
    assert "<small>part</small>" not in build_report(base)
    assert "<small>part</small>" in build_report(late)
    assert "by the rule where it is known, else at the value that repeats most" in build_report(late)


def test_audits_with_findings_come_first_and_quiet_ones_fold_away() -> None:
    html = page()
    names = re.findall(r'<span class="name">(.*?)</span>', html)
    assert names[:2] == ["alpha BTC/USDT", "beta BTC/USDC"]
    assert "10 of 100 do not match" in html
    assert "; 1 check fails" in html
    assert f"{made.HOURS:,} of {made.HOURS:,} match" in html
    assert "6 more contracts with nothing to recompute" in html


def test_the_script_and_the_style_are_inside() -> None:
    html = page()
    assert html.count("<style>") == 1
    assert "prefers-color-scheme" in html
    assert "data-theme=dark" in html
    assert "@media print" in html
    assert 'aria-sort"' in html


def test_an_empty_store_makes_a_page_that_says_so() -> None:
    html = build_report(ReportInputs(funding=contract(regular(1, 8)).clear(), now_ms=made.NOW))
    found = parsed(html)
    assert (found.wrong, found.open, found.loads) == ([], [], [])
    assert "holds no settled funding fixings" in html
    assert "<figure" not in html


@pytest.mark.parametrize(
    "rates", [regular(1, 8), regular(40, 8), [(8, 0.0, 8.0), (16, 0.0, 8.0)], [(24 * i, 0.001, 24.0) for i in range(1, 60)]]
)
def test_hard_small_histories_still_make_a_page(rates: list[tuple[float, float, float]]) -> None:
    """One row, all at the atom, nothing but zero, only daily fixings."""
    html = build_report(ReportInputs(funding=contract(rates), now_ms=made.NOW))
    found = parsed(html)
    assert (found.wrong, found.open, found.loads) == ([], [], [])
    assert html.count("<tr data-venue=") == 1


def test_a_fixing_beyond_every_scale_does_not_break_the_page() -> None:
    html = build_report(ReportInputs(funding=contract([*regular(200, 8), (1608, 1.0, 8.0), (1616, -1.0, 8.0)]), now_ms=made.NOW))
    assert parsed(html).wrong == []


def test_the_same_inputs_make_the_same_page() -> None:
    assert build_report(made.inputs()) == build_report(made.inputs())
