"""Which colour means what, on paper and on black?

Figures are drawn once in sentinel colours; each is a role. The SVG that leaves this room names CSS variables
instead, so the page decides what ink looks like. The eight series colours are the Okabe-Ito set, safe for
colour-blind readers, with the two pale ones deepened on paper and the dark ones lifted on black.

Source: Okabe and Ito, "Color Universal Design" (2008), https://jfly.uni-koeln.de/color/
"""

from __future__ import annotations

from dataclasses import dataclass

PAPER = {
    "paper": "#fbf8f3",
    "ink": "#20262c",
    "muted": "#69727b",
    "rule": "#d9d3c8",
    "wash": "#e6e0d4",
    "accent": "#a8324a",
    "good": "#00795c",
    "c0": "#0072b2",
    "c1": "#d55e00",
    "c2": "#00876a",
    "c3": "#b35a8c",
    "c4": "#b98200",
    "c5": "#3b9ccc",
    "c6": "#5c6670",
    "c7": "#8c7a00",
    "h0": "#1d4e89",
    "h1": "#5b8fc7",
    "h2": "#b4cfe8",
    "h3": "#f1e9d8",
    "h4": "#f7d9a8",
    "h5": "#f2b56b",
    "h6": "#e3843d",
    "h7": "#c2502a",
    "h8": "#842a2a",
}
"""Roles on a light page: page, text, secondary text, hairlines, areas, emphasis, good news, series, heat (low to high)."""

BLACK = {
    "paper": "#14181c",
    "ink": "#e9e5dd",
    "muted": "#98a1aa",
    "rule": "#343b42",
    "wash": "#2a3138",
    "accent": "#f07f93",
    "good": "#3fc79f",
    "c0": "#56b4e9",
    "c1": "#f2894a",
    "c2": "#35b896",
    "c3": "#dc93bb",
    "c4": "#e6b23c",
    "c5": "#8fd0f2",
    "c6": "#b4bcc4",
    "c7": "#e4da62",
    "h0": "#8dbdf0",
    "h1": "#4f86bd",
    "h2": "#2d4f72",
    "h3": "#2e2c28",
    "h4": "#57422a",
    "h5": "#8a5a26",
    "h6": "#c0702c",
    "h7": "#e58f5b",
    "h8": "#ffc2a1",
}
"""The same roles on a dark page; heat still runs from blue to orange and gets brighter away from the middle."""

ROLES: tuple[str, ...] = tuple(PAPER)
HEAT_EDGES = (-0.20, -0.05, 0.0, 0.05, 0.10, 0.15, 0.25, 0.50)
"""Annual rates that divide the nine heat colours (h0 below the first edge, h8 from the last)."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")
SERIES_COLOURS = 8


def role(name: str) -> str:
    """Sentinel colour of a role, to draw with."""
    return f"#0a0b{ROLES.index(name) + 1:02x}"


def heat(apr: float) -> str:
    """Name the heat role of an annual rate."""
    return f"h{sum(apr >= edge for edge in HEAT_EDGES)}"


def css(colours: dict[str, str]) -> str:
    """Declare the colour variables for a style sheet."""
    return "".join(f"--{name}:{value};" for name, value in colours.items())


@dataclass(frozen=True, slots=True)
class Form:
    """A shape of page to draw for.

    Parameters
    ----------
    name : wide or narrow.
    width : pixels.
    text, small : font sizes, pixels.
    columns : small multiples side by side.
    """

    name: str
    width: int
    text: float
    small: float
    columns: int

    @property
    def wide(self) -> bool:
        """Whether there is room."""
        return self.name == "wide"


WIDE = Form("wide", 1080, 12.5, 11.5, 4)
NARROW = Form("narrow", 390, 12.0, 11.0, 2)


class Palette:
    """Colours and markers of the venues, the same in every figure of one report.

    Parameters
    ----------
    venues : in the order they take colours; later ones share a colour but not a marker.
    """

    __slots__ = ("_order",)

    def __init__(self, venues: tuple[str, ...]) -> None:
        self._order = {venue: i for i, venue in enumerate(venues)}

    def colour(self, venue: str) -> str:
        """Sentinel colour of a venue."""
        return role(f"c{self._order.get(venue, 0) % SERIES_COLOURS}")

    def marker(self, venue: str) -> str:
        """Shape of a venue's points."""
        i = self._order.get(venue, 0)
        return MARKERS[(i + i // SERIES_COLOURS) % len(MARKERS)]
