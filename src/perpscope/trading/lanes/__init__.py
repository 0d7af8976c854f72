"""What would a thousand parameter sets have earned? The two-legged trade of the backtest, compiled, on the ground both have in common."""
