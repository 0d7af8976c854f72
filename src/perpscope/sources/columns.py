"""What is this column called in our words?

Files spell the same thing in many ways. Each of our words lists the spellings it is known by, most telling first, so
that of two columns for one word the better is taken (a relative rate before an absolute one). Spellings are compared
in small letters without separators.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from perpscope.errors import InputError

_SPELLINGS: dict[str, str] = {
    "ts": "ts timestamp time datetime fundingtime fundingtimestamp fundingratetimestamp calctime settletime settlementtime timepoint"
    " effectiveat tss tsms tsutc timestamputc timestampms unixtime epoch opentime candlestarttime startedat",
    "date": "date day tradingday",
    "close_time": "closetime",
    "received": "received localtimestamp receivedat",
    "venue": "venue exchange",
    "native_id": "nativeid",
    "symbol": "symbol instrument instrumentid instid instrumentname contract contractcode coin ticker pair asset",
    "market": "market",
    "market_list": "marketlist",
    "kind": "kind",
    "funding_rate": "relativefundingrate fundingrate lastfundingrate funding rate",
    "interval_hours": "intervalhours fundingintervalhours",
    "premium": "premium premiumfrac premiumindex averagepremium avgpremiumindex",
    "funding_rate_8h": "fundingrate8h interest8h",
    "accrual": "accrual",
    "mark_price": "markprice markpricequote markpx",
    "index_price": "indexprice indexpricequote oracleprice oraclepx indexpx",
    "mid_price": "midprice midpricequote midpx",
    "impact_bid": "impactbid impactbidquote impactbidprice",
    "impact_ask": "impactask impactaskquote impactaskprice",
    "predicted_rate": "predictedrate predictedfundingrate estimatedrate",
    "next_funding": "nextfunding nextfundingtime",
    "open_interest": "openinterest openinterestbase",
    "open": "open openquote",
    "high": "high highquote",
    "low": "low lowquote",
    "close": "close closequote",
    "volume": "volume",
    "volume_base": "volumebase basevolume volumebtc volumexbt volumeeth",
    "volume_quote": "volumequote quotevolume quoteassetvolume volumeusd volumeusdt volumeusdc",
    "taker_buy_base": "takerbuybase takerbuyvolume takerbuybaseassetvolume takerbuybasevolume",
    "taker_buy_quote": "takerbuyquote takerbuyquotevolume takerbuyquoteassetvolume",
    "minutes": "minutes",
    "lending_rate": "lendingrate lendingrate1y borrowrate borrowapr variableborrowrate variableborrowapr supplyrate supplyapr depositapr"
    " liquidityrate",
    "block": "block blocknumber",
    "price": "price pricequote fillprice",
    "quantity": "size sizedelta quantity quantitybase qty",
    "trade_id": "tradeid tid",
    "taker": "taker takerside aggressor",
    "skew": "skew skewbase",
    "velocity": "fundingvelocity velocity",
}
_BOOK = re.compile(r"(asks|bids)\[(\d+)\]\.(price|amount)")
_WORD_OF = {spelling: (place, word) for word, listed in _SPELLINGS.items() for place, spelling in enumerate(listed.split())}
WORDS: tuple[str, ...] = tuple(_SPELLINGS)


@dataclass(frozen=True, slots=True)
class Columns:
    """How a file's columns are called here.

    Parameters
    ----------
    word_of : our word to the file's column.
    wide : the file's columns that hold one contract each, to the contract's id.
    levels : whether it holds order book levels (asks[0].price ...).
    unused : the file's columns that are not read.
    """

    word_of: Mapping[str, str]
    wide: Mapping[str, str]
    levels: bool
    unused: tuple[str, ...]

    def has(self, *words: str) -> bool:
        """Whether the file has all of these words."""
        return all(word in self.word_of for word in words)


def name_columns(names: Iterable[str], renames: Mapping[str, str]) -> Columns:
    """Find our words among a file's columns.

    Parameters
    ----------
    names : the columns. renames : what the mapping says: a column to one of our words, or to the id of a contract.

    Raises
    ------
    InputError
        When the mapping speaks of a column the file does not have.
    """
    names = list(names)
    absent = [name for name in renames if name not in names]
    if absent:
        raise InputError(
            f"the columns {', '.join(absent)} of the mapping", f"the file has {', '.join(names)}", "Name columns as the file spells them."
        )
    wide = {old: new for old, new in renames.items() if new not in WORDS}
    best: dict[str, tuple[int, str]] = {new: (-1, old) for old, new in renames.items() if new in WORDS}
    for name in names:
        if name not in renames:
            place, word = _WORD_OF.get(re.sub(r"[^a-z0-9]", "", name.lower()), (0, ""))
            if word and (word not in best or place < best[word][0]):
                best[word] = (place, name)
    word_of = {word: name for word, (_, name) in best.items()}
    levels = [name for name in names if _BOOK.fullmatch(name)]
    read = {*word_of.values(), *wide, *levels}
    return Columns(word_of, wide, bool(levels), tuple(name for name in names if name not in read))


def level_columns(names: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    """Columns of order book levels, best first, by (asks or bids, price or amount)."""
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for name in names:
        level = _BOOK.fullmatch(name)
        if level:
            found.setdefault((level[1], level[3]), []).append((int(level[2]), name))
    return {key: [name for _, name in sorted(listed)] for key, listed in found.items()}
