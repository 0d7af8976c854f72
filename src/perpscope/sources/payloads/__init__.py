"""Which reader reads this message? One file per venue or format, one list of shapes; the first that fits reads."""

from __future__ import annotations

from perpscope.sources.payloads import binance, bitget, bitmex, bybit, deribit, dydx, ftx, gate, htx, hyperliquid, kraken, kucoin, mexc, okx
from perpscope.sources.payloads.shape import Shape

SHAPES: tuple[Shape, ...] = (
    *binance.SHAPES,
    *dydx.SHAPES,
    *bitmex.SHAPES,
    *hyperliquid.SHAPES,
    *bitget.SHAPES,
    *okx.SHAPES,
    *bybit.SHAPES,
    *gate.SHAPES,
    *deribit.SHAPES,
    *kraken.SHAPES,
    *htx.SHAPES,
    *kucoin.SHAPES,
    *mexc.SHAPES,
    *ftx.SHAPES,
)
"""Of shapes that both fit a message the one listed first reads it; the most frequent stand first."""
