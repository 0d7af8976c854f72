"""Which trades can be made of the contracts of a coin, what do they earn after costs, and which is best?"""
