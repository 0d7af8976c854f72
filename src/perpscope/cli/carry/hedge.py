"""To be built."""


def hedge() -> int:
    """To be built."""
    return 1
