"""To be built."""


def scan() -> int:
    """To be built."""
    return 1
