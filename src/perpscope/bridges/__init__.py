"""How do other engines come by complete funding? Events with every boundary, in the shape each of them reads.

Nothing here imports another engine: the bridges give rows, and the engine's own few lines are in docs/guide/bridges.md.
"""
