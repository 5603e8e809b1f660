"""How fast and how large the service is, each figure beside a reference of the same run.

`python -m bench` measures and writes RESULTS.md; NOTES.md says what was expected before.
"""
