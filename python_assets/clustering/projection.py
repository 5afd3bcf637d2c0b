"""
Short vectors whose distance never exceeds the distance of the long ones.

For an orthonormal Q (d x q) and a fixed centre c, the map

    phi(x) = (Q^T (x - c), rho(x)),   rho(x) = ||(I - Q Q^T) (x - c)||

is 1-Lipschitz: ||x - y||^2 = ||Q^T (x - y)||^2 + ||r_x - r_y||^2 for the residual parts r, and
| ||r_x|| - ||r_y|| | <= ||r_x - r_y|| by the triangle inequality. What is stored is a rounded phi;
`Projection.error` bounds the distance between the two for every row, so that a pair within t has
stored images within t + 2 * error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from python_assets.clustering.rounding import UNIT32, UNIT64, gamma
from python_assets.clustering.simd import WIDTH
from python_assets.clustering.vectors import Float32Array, Float64Array, Int64Array, row_squares
from python_assets.compiled import kernel

STAGES = (WIDTH - 1, 48, 128)
_SAMPLE_ROWS = 8_192
_CHUNK_ROWS = 2_048
_BLOCK = 128
_OVERSAMPLING = 32
_ITERATIONS = 4
_SINGLE_PRECISION_SHARE = 0.02


@dataclass(frozen=True)
class Basis:
    """
    Leading directions of a set of vectors.

    Attributes
    ----------
    columns : ndarray, shape (n_features, max(STAGES)), float64
        Nearly orthonormal columns, zero columns where there are fewer features.
    centre : ndarray, shape (n_features,), float64
        Where norms are measured from.
    defect : float
        Upper bound of || B^T B - I || over the non-zero columns. With S = (B^T B)^(1/2) and
        Q = B S^(-1) orthonormal, || B^T v - Q^T v || <= || S - I || ||v|| <= defect * ||v||.
    """

    columns: Float64Array
    centre: Float64Array
    defect: float


@dataclass(frozen=True)
class Projection:
    """
    Stored images of all rows at the three stages.

    Attributes
    ----------
    coordinates : ndarray, shape (n_samples, max(STAGES)), float32
        Leading coordinates.
    residuals : ndarray, shape (n_samples, len(STAGES)), float32
        Norm of what the first STAGES[s] coordinates leave out.
    error : float
        Bound on the distance of a stored image to the exact one, all rows and stages.
    radius : float
        Bound on the norm of a stored image.
    """

    coordinates: Float32Array
    residuals: Float32Array
    error: float
    radius: float


def fit_basis(vectors: Float32Array, rows: Int64Array) -> Basis:
    """
    Principal directions of an evenly spaced sample of at most 8,192 of the rows.

    The quality of the basis decides the speed only; correctness rests on `Basis.defect`.

    Parameters
    ----------
    vectors : ndarray, shape (n_rows, n_features), float32
    rows : ndarray, shape (n_points,), int64

    Returns
    -------
    Basis
        Memory: the sample and a d x d matrix, float32 and float64.
    """
    n, d = rows.size, vectors.shape[1]
    sample = vectors[rows[np.linspace(0, n - 1, min(n, _SAMPLE_ROWS)).astype(np.int64)]]
    centre = sample.mean(axis=0, dtype=np.float64)
    sample -= centre.astype(np.float32)
    kept = min(d, STAGES[-1])
    columns = np.zeros((d, STAGES[-1]))
    columns[:, :kept] = _leading_directions(sample.T @ sample, kept)
    gram = columns[:, :kept].T @ columns[:, :kept]
    defect = float(np.linalg.norm(gram - np.eye(kept))) + 2.0 * kept * gamma(d + 2, UNIT64)
    return Basis(columns=columns, centre=centre, defect=defect)


def _leading_directions(scatter: Float32Array, count: int) -> Float64Array:
    """Subspace iteration (Halko, Martinsson, Tropp 2011, algorithm 4.4) and a Rayleigh-Ritz step."""
    width = min(scatter.shape[0], count + _OVERSAMPLING)
    block = np.random.default_rng(0).standard_normal((scatter.shape[0], width)).astype(np.float32)
    scaled = scatter / max(float(np.abs(scatter).max()), 1e-30)
    for _ in range(_ITERATIONS):
        block, _ = np.linalg.qr(scaled @ block)
    wide = block.astype(np.float64)
    _, rotation = np.linalg.eigh(wide.T @ (scaled.astype(np.float64) @ wide))
    directions, _ = np.linalg.qr(wide @ rotation[:, ::-1])
    leading: Float64Array = directions[:, :count]
    return leading


def project(vectors: Float32Array, rows: Int64Array, basis: Basis, radius: float) -> Projection:
    """
    Images of the given rows, in float32 products where that is precise enough for `radius`, else float64.

    Parameters
    ----------
    vectors : ndarray, shape (n_rows, n_features), float32
    rows : ndarray, shape (n_points,), int64
    basis : Basis
    radius : float
        The radius the images will be compared at.

    Returns
    -------
    Projection
        4 * (max(STAGES) + len(STAGES)) bytes per row, and a chunk of 2,048 rows in float64.
    """
    allowed = _SINGLE_PRECISION_SHARE * radius / 2.0
    squares = row_squares(vectors, rows)
    largest = math.sqrt(float(squares.max()))
    bounds = _ErrorBounds.of(vectors.shape[1], UNIT32, basis, largest)
    if bounds.coordinate <= allowed:
        single = _project_as(vectors, rows, squares, basis, bounds)
        if single.error <= allowed:
            return single
    return _project_as(vectors, rows, squares, basis, _ErrorBounds.of(vectors.shape[1], UNIT64, basis, largest))


def _project_as(
    vectors: Float32Array, rows: Int64Array, squares: Float64Array, basis: Basis, bounds: _ErrorBounds
) -> Projection:
    # one product gives the coordinates and x . c; the constants of the centre are taken off in float64
    factor = np.column_stack([basis.columns, basis.centre])
    shift = basis.columns.T @ basis.centre
    centre_square = float(basis.centre @ basis.centre)
    coordinates = np.empty((rows.size, STAGES[-1]), np.float32)
    residuals = np.empty((rows.size, len(STAGES)), np.float32)
    smallest, largest = math.inf, 0.0
    multiply = _Multiplier(factor, bounds.unit)
    for start in range(0, rows.size, _CHUNK_ROWS):
        chunk = slice(start, start + _CHUNK_ROWS)
        product = multiply(vectors[rows[chunk]])
        extent = np.empty((len(product), 2))
        _write_images(product, squares[chunk], shift, centre_square, coordinates[chunk], residuals[chunk], extent)
        smallest, largest = min(smallest, float(extent[:, 0].min())), max(largest, float(extent[:, 1].max()))
    rest = bounds.residual(smallest)
    radius = (math.sqrt(largest + bounds.square) + bounds.coordinate + rest) * (1.0 + 1e-6)
    # sqrt(a^2 + b^2) <= a + b; float32 storage adds half a unit in the last place of each element
    error = (bounds.coordinate + rest + UNIT32 * radius) * (1.0 + 1e-6) + 1e-30
    return Projection(coordinates=coordinates, residuals=residuals, error=error, radius=radius)


class _Multiplier:
    """
    Products with a fixed factor, in reused memory.

    For the float32 unit from float32 products of _BLOCK features each, summed in float64.
    """

    def __init__(self, factor: Float64Array, unit: float) -> None:
        self.single = unit == UNIT32
        self.factor = factor.astype(np.float32) if self.single else factor
        self.total = np.empty((_CHUNK_ROWS, factor.shape[1]))
        self.part = np.empty(self.total.shape, self.factor.dtype)

    def __call__(self, block: Float32Array) -> Float64Array:
        """Return block @ factor, valid until the next call."""
        total, part = self.total[: len(block)], self.part[: len(block)]
        if not self.single:
            return np.matmul(block.astype(np.float64), self.factor, out=total)
        total.fill(0.0)
        for start in range(0, block.shape[1], _BLOCK):
            np.matmul(block[:, start : start + _BLOCK], self.factor[start : start + _BLOCK], out=part)
            total += part
        return total


@kernel()
def _write_images(
    product: Float64Array,
    squares: Float64Array,
    shift: Float64Array,
    centre_square: float,
    coordinates: Float32Array,
    residuals: Float32Array,
    extent: Float64Array,
) -> None:
    for r in range(product.shape[0]):
        total = squares[r] - 2.0 * product[r, product.shape[1] - 1] + centre_square
        extent[r, 0], extent[r, 1] = np.inf, max(total, 0.0)
        kept = 0.0
        k = 0
        for stage, width in enumerate(STAGES):
            while k < width:
                value = product[r, k] - shift[k]
                coordinates[r, k] = value
                kept += value * value
                k += 1
            rest = math.sqrt(max(total - kept, 0.0))
            residuals[r, stage] = rest
            extent[r, 0] = min(extent[r, 0], rest)


@dataclass(frozen=True)
class _ErrorBounds:
    """Bounds on the computed coordinates (as a vector) and on the computed squared residual."""

    unit: float
    coordinate: float
    square: float

    @classmethod
    def of(cls, d: int, unit: float, basis: Basis, largest: float) -> _ErrorBounds:
        centre = float(np.linalg.norm(basis.centre)) * (1.0 + 1e-9)
        # rounding the factor, the product in any order, and the float64 sums after it
        terms = min(d, _BLOCK) if unit == UNIT32 else d
        dot = gamma(terms + 2, unit) * largest + gamma(d + 4, UNIT64) * (largest + centre)
        reach = largest + centre
        coordinate = math.sqrt(STAGES[-1]) * dot * (1.0 + basis.defect) + basis.defect * reach
        # |x - c|^2 from three terms, then the squared coordinates (exact norm at most reach)
        total = 2.0 * dot * centre + gamma(d + 8, UNIT64) * reach**2
        kept = coordinate * (2.0 * reach + coordinate) + gamma(STAGES[-1] + 2, UNIT64) * (reach + coordinate) ** 2
        return cls(unit=unit, coordinate=coordinate, square=total + kept)

    def residual(self, computed: float) -> float:
        """Bound of |sqrt(s) - sqrt(s')| for |s - s'| <= square and sqrt(s') = computed, which falls with computed."""
        if computed == 0.0:
            return math.sqrt(self.square)
        return min(math.sqrt(self.square), self.square / computed)
