"""Which instrument locks a carry best after costs: the perpetual itself, a dated future, a swap of its funding, or another perpetual?"""
