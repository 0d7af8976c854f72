"""The verbs: what a venue does between looking at its book and deciding a funding rate.

observe -> sample -> reduce -> decide = rule.fix(window) -> Fixing. Every part is a frozen value without a venue's
name; the plain scalar texts here are the definitions, and `_kernels` compiles those same texts.
"""
