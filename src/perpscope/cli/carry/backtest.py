"""To be built."""


def backtest() -> int:
    """To be built."""
    return 1
