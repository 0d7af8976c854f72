"""How exactly could this contract's premium be known? Gathers what `analysis.noise` computes from."""
