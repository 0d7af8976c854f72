"""Funding of perpetual futures: rules as dated data, recomputed and audited against what venues published."""

__version__ = "0.1.0"
