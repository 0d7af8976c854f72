"""Does every line of the worked examples that names a venue with a mechanism of its own reach that venue?"""

from __future__ import annotations

import pytest

from perpscope.catalogue.check.cases import unread
from perpscope.catalogue.check.mentions import mentions

LINES = {
    "Synthetix Perps v2": ("synthetix_v2",),
    "Synthetix Perps v3": ("synthetix_v3_base",),
    "Synthetix Perps v2/v3": ("synthetix_v2", "synthetix_v3_base"),
    "GMX v1": ("gmx1",),
    "GMX v2": ("gmx2",),
    "GMX v2 adaptive": ("gmx2",),
    "Derive (Lyra v2)": ("derive",),
    "Paradex": ("paradex",),
    "Injective": ("injective",),
    "Aevo (from 2024-08-01)": ("aevo",),
    "Lighter": ("lighter",),
    "Orderly": ("orderly",),
    "Bullish": ("bullish",),
    "Pendle Boros": ("boros",),
    "MCDEX": ("mcdex",),
    "MCDEX / Bit.com / Deribit(old)": ("mcdex", "bitcom", "deribit"),
    "Shiller perpetual futures (1993)": ("shiller",),
    "Zeta": ("zeta",),
    "01.xyz": ("01xyz",),
    "Coinbase International": ("coinbaseinternational",),
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_names_its_venues(line: str) -> None:
    found = mentions(line)
    assert tuple(venue for one in found for venue in one.venues) == LINES[line]
    assert [word for one in found for word in unread(one)] == []
