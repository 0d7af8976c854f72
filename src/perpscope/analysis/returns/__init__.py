"""How do funding and the price move together: the day before, meanwhile, and after something violent?"""
