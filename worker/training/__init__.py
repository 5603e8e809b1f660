"""How the bundled model is made and measured: `python -m worker.training build --data DIR`."""
