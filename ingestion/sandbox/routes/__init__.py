"""One module per provider: its paths, its shapes, its refusals. Each gives `routes(market)`."""
