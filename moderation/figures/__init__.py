"""What is counted of a site: its days, rates and budgets; the spot check that measures misses.

`site_figures` puts together what `clauses`, `durations` and `people` count of the decisions that
`decided` names, and `site_days` keeps it of days that are over.
"""
