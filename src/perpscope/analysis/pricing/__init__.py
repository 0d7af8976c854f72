"""At which price does a perpetual stand where nobody gains without risk, and how far may it stray?"""
