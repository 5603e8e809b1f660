"""What is counted of a site: its days, rates and budgets; the spot check that measures misses."""
