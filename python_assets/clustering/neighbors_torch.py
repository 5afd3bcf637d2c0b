"""The same pairs with torch: products of short images on a device, the decision in float64 on the host."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch

from python_assets.clustering import kernels
from python_assets.clustering.arrangement import Arrangement
from python_assets.clustering.dense import scan_dense
from python_assets.clustering.kdtree import LEAF, NODE, NODE_LEAVES
from python_assets.clustering.pairs import Limits, Pairs, ordered_pairs
from python_assets.clustering.rounding import UNIT32, gamma
from python_assets.clustering.scan import DENSE_SHARE, Scanner
from python_assets.clustering.vectors import Float32Array, Int64Array

# "high" lets a device round the factors to TF32 (11 significant bits), possibly by truncation
_INPUT_UNIT = {"highest": 0.0, "high": 2.0**-10}
_TILE_NODES = 32


def torch_device(name: str) -> torch.device:
    """
    Device of a name such as "cuda", "cuda:1", "mps" or "torch:cpu".

    Raises
    ------
    ValueError
        If torch does not know it.
    """
    try:
        device = torch.device(name.removeprefix("torch:"))
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"device {name!r} is not available: {error}") from error
    return device


class TorchScanner(Scanner):
    """
    A scanner whose filter is one matrix product per tile of 1,024 x 32,768 points.

    With images z of norm at most R, factors rounded to relative u and a float32 sum of K products in
    any order, possibly truncating, the product is off by at most (2 u + u^2 + 2 gamma(K)) R^2; that
    is added to what a pair may be apart.

    Parameters
    ----------
    vectors, radius, arranged, point
        As for `Scanner`.
    device : torch.device

    Notes
    -----
    Memory on the device: 516 bytes per point and about 0.4 GB per tile.
    """

    def __init__(
        self, vectors: Float32Array, radius: float, arranged: Arrangement, point: Int64Array, device: torch.device
    ) -> None:
        super().__init__(vectors, radius, arranged, point)
        self.device = device
        self.precision = "highest" if device.type == "cpu" else "high"
        images = np.hstack([arranged.middle, arranged.outer, arranged.rest[:, 2:]])
        halves = np.einsum("ij,ij->i", images, images, dtype=np.float64) / 2.0
        largest = 2.0 * float(halves.max())
        unit = _INPUT_UNIT[self.precision]
        self.tile_slack = (2.0 * unit + unit**2 + 2.0 * gamma(images.shape[1] + 8, UNIT32)) * largest
        self.images = torch.from_numpy(images).to(device)
        self.halves = torch.from_numpy(halves.astype(np.float32)).to(device)

    def product(self, a: Float32Array, b: Float32Array) -> Float32Array:
        """Return a @ b.T in float32 from the device."""
        left, right = (torch.from_numpy(part).to(self.device) for part in (a, b))
        product: Float32Array = _multiply(left, right, "highest").cpu().numpy()
        return product

    def run(self, rows: Int64Array, columns: Int64Array, limits: Callable[[], Limits]) -> Iterator[tuple[int, Pairs]]:
        """Work off node pairs, tile by tile; see `Scanner.run`."""
        done = 0
        for tile in _tiles(rows, columns):
            node, others = int(rows[tile[0]]), columns[tile]
            current = limits()
            passed = self._passed(node, others, current)
            counts = passed.view(NODE, others.size, NODE).sum(dim=(0, 2)).cpu().numpy()
            dense = counts > DENSE_SHARE * NODE * NODE
            done += tile.size
            for other in others[dense]:
                yield done, scan_dense(self, node, int(other), limits())
            mask = torch.from_numpy(np.repeat(~dense, NODE)).to(self.device)
            yield done, self._decided(node, others, (passed & mask).nonzero().cpu().numpy(), current)

    def _passed(self, node: int, others: Int64Array, limits: Limits) -> torch.Tensor:
        u = slice(node * NODE, (node + 1) * NODE)
        v = torch.from_numpy(_positions(others)).to(self.device)
        cap = torch.from_numpy(self._cap(limits.reach)).to(self.device)
        out = torch.from_numpy(limits.reach < 0).to(self.device)
        caps = torch.maximum(cap[u, None], cap[None, v])
        if limits.table.size:
            caps = torch.maximum(caps, self._between(node, others, limits))
        need = (self.halves[u, None] + self.halves[None, v]) - (caps + self.tile_slack * (1.0 + 1e-6))
        passed = _multiply(self.images[u], self.images[v], self.precision) >= need
        return passed & ~out[u, None] & ~out[None, v]

    def _between(self, node: int, others: Int64Array, limits: Limits) -> torch.Tensor:
        leaf_u = np.arange(node * NODE_LEAVES, (node + 1) * NODE_LEAVES)
        leaves_v = _positions(others)[::LEAF] // LEAF
        bounds = kernels.leaf_bounds(leaf_u, leaves_v, limits.anchor, limits.position, limits.table, self.scale)
        wide = torch.from_numpy(bounds).to(self.device)
        return wide.repeat_interleave(LEAF, dim=0).repeat_interleave(LEAF, dim=1)

    def _decided(self, node: int, others: Int64Array, hits: Int64Array, limits: Limits) -> Pairs:
        p, q = node * NODE + hits[:, 0], _positions(others)[hits[:, 1]]
        p, q = p[p < q], q[p < q]
        everything = np.full(p.size, self._cap(np.array([np.inf], np.float32))[0])
        squared = kernels.decide_pairs(
            p, q, everything, self.arranged.middle, self.arranged.outer, self.arranged.rest, limits.position,
            limits.table, limits.floor, self.scale, self.vectors, self.arranged.order,
        )  # fmt: skip
        kept = squared >= 0.0
        return ordered_pairs(self.label[p[kept]], self.label[q[kept]], squared[kept])


def _multiply(left: torch.Tensor, right: torch.Tensor, precision: str) -> torch.Tensor:
    usual = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        return left @ right.T
    finally:
        torch.set_float32_matmul_precision(usual)


def _positions(nodes: Int64Array) -> Int64Array:
    return (nodes[:, None] * NODE + np.arange(NODE)).ravel()


def _tiles(rows: Int64Array, columns: Int64Array) -> Iterator[Int64Array]:
    """Tasks of one row node each, at most _TILE_NODES, nodes with themselves first."""
    alike = np.flatnonzero(rows == columns)
    yield from np.split(alike, alike.size) if alike.size else ()
    apart = np.flatnonzero(rows != columns)
    apart = apart[np.argsort(rows[apart], kind="stable")]
    for run in np.split(apart, np.flatnonzero(np.diff(rows[apart])) + 1):
        for start in range(0, run.size, _TILE_NODES):
            yield run[start : start + _TILE_NODES]
