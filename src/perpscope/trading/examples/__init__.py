"""Trades that others printed, as trades of our own: costed, ended, run and compared with what stands in print."""
