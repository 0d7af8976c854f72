"""Trades on the rows we hold: gathered, run once or a thousand times, kept."""
