"""Error bounds of floating-point sums."""

from __future__ import annotations

UNIT32 = 2.0**-24
UNIT64 = 2.0**-53


def gamma(terms: int, unit: float) -> float:
    """Relative error bound of a sum of `terms` products in any order (Higham 2002, section 3.1)."""
    return terms * unit / (1.0 - terms * unit)
