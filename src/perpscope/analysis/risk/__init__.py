"""How much may funding cost a position, and how sure is that? Distributions, value at risk and its backtest."""
