"""How does a drawing become a small, clean SVG that follows the page's colours?

matplotlib draws; this file strips what a page does not need (metadata, ids, long decimals), renames what is left
so that many figures live on one page, and turns sentinel colours into CSS variables.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from perpscope.reports.theme import NARROW, ROLES, WIDE, Form, role

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.typing import RcKeyType

SVG = "http://www.w3.org/2000/svg"
XLINK = "{http://www.w3.org/1999/xlink}href"
_LONG = re.compile(r"-?\d+\.\d{2,}")
_REFERENCE = re.compile(r"url\(#([^)]+)\)|^#(.+)$")
_FONT = re.compile(r"font(?:-family)?: ?(?:(\d+(?:\.\d+)?px) )?[^;]*'[^;]*;?")
_BAND = 20.0

Painter = Callable[["Figure", Form], None]


def paint(key: str, painter: Painter, height: Callable[[Form], float], *, synthetic: bool, alt: str, wide: Form = WIDE) -> tuple[str, str]:
    """Draw for the wide and for the narrow page.

    Parameters
    ----------
    key : prefix of every id in the SVG.
    painter : draws into an empty figure for a form.
    height : of the drawing in pixels, by form.
    synthetic : whether to lay the band of generated data over it.
    alt : text for readers who cannot see it. wide : shape of the wide page.
    """
    broad, narrow = (_one(f"{key}-{form.name}", painter, form, height(form), synthetic=synthetic, alt=alt) for form in (wide, NARROW))
    return broad, narrow


def _one(key: str, painter: Painter, form: Form, height: float, *, synthetic: bool, alt: str) -> str:
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context(_settings(form)):
        figure = Figure(figsize=(form.width / 72, height / 72), dpi=72)
        FigureCanvasSVG(figure)
        painter(figure, form)
        out = io.StringIO()
        with warnings.catch_warnings():  # the page sets every script in its own fonts; the drawing only leaves room
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    svg = tidy(out.getvalue(), key, alt)
    return marked(svg, form, height) if synthetic else svg


def _settings(form: Form) -> dict[RcKeyType, Any]:
    return {
        "svg.fonttype": "none",
        "svg.hashsalt": "perpscope",
        "font.family": ["DejaVu Sans"],
        "font.size": form.text,
        "text.color": role("ink"),
        "axes.edgecolor": role("rule"),
        "axes.labelcolor": role("muted"),
        "axes.linewidth": 0.8,
        "xtick.color": role("muted"),
        "ytick.color": role("muted"),
        "xtick.labelsize": form.small,
        "ytick.labelsize": form.small,
        "xtick.major.size": 3,
        "ytick.major.size": 0,
        "path.simplify": True,
        "path.simplify_threshold": 0.3,
    }


def tidy(svg: str, key: str, alt: str) -> str:
    """Shrink and theme one SVG text.

    Ids that nothing refers to go, the others get the prefix `key`; decimals are cut to one; the font is left to the
    page; sentinel colours become `var(--role)`; width and height give way to the view box.
    """
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    tree = ET.fromstring(svg)  # noqa: S314 - our own drawing, made a line above
    for child in list(tree):
        if child.tag == f"{{{SVG}}}metadata":
            tree.remove(child)
    used = {match[1] or match[2] for node in tree.iter() for value in node.attrib.values() for match in _REFERENCE.finditer(value)}
    for node in tree.iter():
        _clean(node, key, used)
    _prune(tree)
    tree.attrib = {"viewBox": tree.attrib["viewBox"], "role": "img", "aria-label": alt}
    text = ET.tostring(tree, encoding="unicode")
    for name in ROLES:
        text = text.replace(role(name), f"var(--{name})")
    text = text.replace(f' xmlns="{SVG}"', "").replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "").replace("xlink:href", "href")
    return re.sub(r">\s+<", "><", text)


def marked(svg: str, form: Form, height: float) -> str:
    """Return a tidied drawing with the mark of generated data: faint across the data, plain in a band below it."""
    opening, rest = svg.split(">", 1)
    opening = re.sub(r'viewBox="0 0 \S+ \S+"', f'viewBox="0 0 {form.width} {height + _BAND + 4:g}"', opening)
    middle, slant, size = form.width / 2, -12 if form.wide else -24, min(form.width / 9, height * 0.55)
    words = " · ".join(["SYNTHETIC", "generated data, no market"] * (3 if form.wide else 1))
    behind = (
        f'<text x="{middle:g}" y="{height / 2:g}" transform="rotate({slant} {middle:g} {height / 2:g})" dominant-baseline="middle" '
        f'style="font-size:{size:.0f}px;font-weight:800;text-anchor:middle;fill:var(--accent);opacity:.075">SYNTHETIC</text>'
    )
    style = "font-size:11.5px;font-weight:700;text-anchor:middle;fill:var(--accent)"
    band = (
        f'<rect y="{height + 4:g}" width="{form.width}" height="{_BAND:g}" style="fill:var(--accent);opacity:.16"/>'
        f'<text x="{middle:g}" y="{height + 18.5:g}" style="{style}">{words}</text>'
    )
    return f"{opening}>{behind}{rest.removesuffix('</svg>')}{band}</svg>"


def standalone(parts: Sequence[tuple[str, str, str]], style: str, width: int) -> str:
    """Return tidied drawings as one file of their own, on its own paper, one below the other.

    Parameters
    ----------
    parts : title, drawing and facts of each, top to bottom.
    style : style sheet of the file.
    width : of the drawings, pixels.
    """
    side, top, foot, at = 20, 46, 30, 0.0
    body = ""
    for title, svg, facts in parts:
        box = re.search(r'viewBox="0 0 \S+ ([\d.]+)"', svg)
        height = float(box[1]) if box else 0.0
        body += f'<text class="title" x="{side}" y="{at + 30:g}">{escape(title)}</text>'
        body += svg.replace("<svg ", f'<svg x="{side}" y="{at + top:g}" width="{width}" height="{height:g}" ', 1)
        body += f'<text class="facts" x="{side}" y="{at + top + height + 16:g}">{escape(facts)}</text>'
        at += top + height + foot
    page = f'width="{width + 2 * side}" height="{at:g}"'
    return (
        f'<svg xmlns="{SVG}" {page} viewBox="0 0 {width + 2 * side} {at:g}"><style>{style}</style>'
        f'<rect class="page" {page} rx="8"/>{body}</svg>\n'
    )


def _clean(node: ET.Element, key: str, used: set[str]) -> None:
    name = node.attrib.pop("id", None)
    if name in used:
        node.set("id", f"{key}-{name}")
    for attribute, value in list(node.attrib.items()):
        if attribute == "transform" and value.startswith("rotate(-0"):
            del node.attrib[attribute]
        else:
            node.set(attribute, _attribute(attribute, value, key))
    if node.tag == f"{{{SVG}}}style":
        node.text = ""


def _attribute(name: str, value: str, key: str) -> str:
    if name == XLINK:
        return f"#{key}-{value[1:]}"
    if name in {"d", "transform", "x", "y", "width", "height"}:
        return " ".join(_LONG.sub(_short, value).split())
    if name == "style":
        return _FONT.sub(_size, value).strip()
    return value.replace("url(#", f"url(#{key}-")


def _short(match: re.Match[str]) -> str:
    text = f"{float(match[0]):.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _size(match: re.Match[str]) -> str:
    return f"font-size:{match[1]};" if match[1] else ""


def _prune(parent: ET.Element) -> None:
    """Take out groups and definitions that hold nothing, and groups that say nothing."""
    kept: list[ET.Element] = []
    for child in parent:
        _prune(child)
        name = child.tag.removeprefix(f"{{{SVG}}}")
        if name in {"g", "defs", "style"} and len(child) == 0 and not (child.text or "").strip():
            continue
        _share(child)
        kept += list(child) if name == "g" and not child.attrib else [child]
    parent[:] = kept


def _share(group: ET.Element) -> None:
    """Say a style that all points of a group have once, at the group."""
    styles = {child.get("style", "") for child in group}
    if len(group) > 1 and len(styles) == 1 and all(child.tag == f"{{{SVG}}}use" for child in group):
        group.set("style", styles.pop())
        for child in group:
            del child.attrib["style"]
