"""How are claims, their verdicts and their evidence shown to a reader?"""
