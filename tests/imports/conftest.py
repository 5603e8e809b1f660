"""The files that are imported, and who imports them."""

from tests.keeping.conftest import Operator, operator

__all__ = ["Operator", "operator"]
