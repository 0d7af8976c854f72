"""How far apart are two venues' rates, how steadily, and what is to be expected of it?"""
