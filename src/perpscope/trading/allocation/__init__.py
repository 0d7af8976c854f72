"""How much of which trade, when capital, venues, coins, correlation and liquidation set limits?"""
