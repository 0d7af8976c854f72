"""Which parameters are best, and how much of that is luck? Grids, walk-forward windows and the report over them."""
