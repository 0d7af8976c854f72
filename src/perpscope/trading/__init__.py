"""Positions, the money they pay and receive, and what becomes of them: settlement, ledger, margin, costs."""
