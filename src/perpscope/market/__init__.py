"""The nouns: time, instruments, books and tables. Nothing here computes a funding rate."""
