"""Which funding payments does this account statement list? One small file for each shape of statement."""
