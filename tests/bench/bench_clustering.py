"""
Measure the clustering side by side with others: seconds, ratios, peak memory, recall.

    python tests/bench/bench_clustering.py --vectors minilm_50k.f16.npy
    python tests/bench/bench_clustering.py --quick

Each measurement runs in a process of its own; the inputs are made once. The peak is that process's
resident memory and contains the vectors. Compiled code is warmed up on 3,000 vectors and the time excludes it.
What a rival found is compared with the exact answer behind its time and its peak.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from python_assets.clustering import Forest, build_forest, dbscan, extend_forest
from tests.bench.bench_data import Float32Array, isotropic, lift, real_vectors, resample
from tests.bench.bench_rivals import Result, faiss_range, full_product, semhash, sklearn_dbscan

EPS, EPS_MAX = 0.2, 0.35


def ours_dbscan(X: Float32Array, eps: float) -> Result:
    """Labels at one eps."""
    return {"clusters": float(dbscan(X, eps).max() + 1)}


def ours_forest(X: Float32Array, eps: float) -> Result:
    """Forest up to eps, then labels at three quarters of it, and 50 values of eps."""
    forest = build_forest(X, eps)
    start = time.perf_counter()
    forest.labels(0.75 * eps)
    middle = time.perf_counter()
    forest.sweep(np.linspace(eps / 50, eps, 50).tolist())
    return {"edges": float(forest.i.size), "labels_s": middle - start, "sweep50_s": time.perf_counter() - middle}


def ours_extend(X: Float32Array, eps: float) -> Result:
    """The last 1% added to the forest of the others; `seconds` is that of the addition alone."""
    split = len(X) - len(X) // 100
    forest = build_forest(X[:split], eps)
    start = time.perf_counter()
    extend_forest(forest, X, np.arange(len(X)) >= split)
    return {"seconds": time.perf_counter() - start}


def ours_pairs(X: Float32Array, eps: float) -> Result:
    """Every pair within eps, streamed."""
    from python_assets.clustering import radius_pairs

    return {"pairs": float(sum(len(batch) for batch in radius_pairs(X, eps, collapse=False)))}


MEASURES: dict[str, Callable[[Float32Array, float], Result]] = {
    function.__name__: function
    for function in (
        ours_dbscan,
        ours_forest,
        ours_extend,
        ours_pairs,
        sklearn_dbscan,
        faiss_range,
        semhash,
        full_product,
    )
}


def measure(name: str, path: Path, eps: float) -> None:
    """Print one measurement as JSON."""
    X = np.load(path)
    if name.startswith("ours"):
        small = build_forest(X[:3_000], eps)
        extend_forest(build_forest(X[:900], eps), X[:1_000], np.arange(1_000) >= 900)
        dbscan(X[:3_000], eps)
        small.sweep([eps])
        Forest.plain(2, 1.0, np.array([0]), np.array([1]), np.array([0.5])).labels(1.0)
    start = time.perf_counter()
    result = MEASURES[name](X, eps)
    seconds = result.pop("seconds", time.perf_counter() - start)
    peak, check = peak_gib(), result.pop("check", dict)
    print(json.dumps({"seconds": seconds, "peak_gib": peak, **result, **check()}))


def peak_gib() -> float:
    """Peak resident memory; from the kernel's VmHWM, as ru_maxrss also counts the parent before exec."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def row(name: str, path: Path, eps: float, base: float | None = None) -> float:
    """Run one measurement in a process of its own, print it beside the base, return its seconds."""
    command = [sys.executable, __file__, "--measure", name, "--input", str(path), "--eps", str(eps)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  {name:15s} eps {eps:<5g} failed: {done.stderr.strip().splitlines()[-1:]}", flush=True)
        return float("nan")
    result = json.loads(done.stdout.splitlines()[-1])
    seconds, peak = result.pop("seconds"), result.pop("peak_gib")
    ratio = "" if base is None else f"  {seconds / base:8.2f} x"
    rest = "  ".join(f"{key} {value:.6g}" for key, value in result.items())
    print(f"  {name:15s} eps {eps:<5g} {seconds:9.2f} s  {peak:6.2f} GiB{ratio}  {rest}", flush=True)
    return float(seconds)


def compare(title: str, path: Path, rivals: tuple[str, ...]) -> None:
    """One table: ours at both radii, then the others relative to ours at eps."""
    print(f"{title} (x: relative to ours_dbscan)", flush=True)
    base = row("ours_dbscan", path, EPS)
    for name, eps in (("ours_forest", EPS_MAX), ("ours_pairs", EPS), *((rival, EPS) for rival in rivals)):
        row(name, path, eps, base)


def main() -> None:
    """Make the inputs and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=Path, help=".npy of real vectors; generated when absent")
    parser.add_argument("--quick", action="store_true", help="a tenth of the sizes")
    parser.add_argument("--only", nargs="*", choices=["real", "lifted", "sizes", "extend", "dense"])
    parser.add_argument("--work", type=Path, help="folder for the inputs; a temporary one when absent")
    parser.add_argument("--measure", choices=sorted(MEASURES), help=argparse.SUPPRESS)
    parser.add_argument("--input", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--eps", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure, options.input, options.eps)
        return
    with tempfile.TemporaryDirectory() as scratch:
        run_tables(options.work or Path(scratch), options.vectors, 10 if options.quick else 1, options.only)


def run_tables(folder: Path, vectors: Path | None, shrink: int, only: list[str] | None) -> None:
    """Print the chosen tables; inputs that are in the folder already are used again."""
    wanted = set(only or ["real", "lifted", "sizes", "extend", "dense"])
    sizes = [10_000 // shrink, 100_000 // shrink, 1_000_000 // shrink]
    paths = {n: make_lifted(folder, vectors, n) for n in sizes if n < 500_000 or wanted & {"sizes", "extend"}}
    if "real" in wanted:
        path = folder / "real.npy"
        np.save(path, real_vectors(vectors, 50_000 // shrink))
        compare(f"{50_000 // shrink} x 384, real", path, ("sklearn_dbscan", "faiss_range", "semhash"))
    if "lifted" in wanted:
        compare(f"{sizes[1]} x 1024, lifted", paths[sizes[1]], ("sklearn_dbscan", "faiss_range", "semhash"))
    if "sizes" in wanted:
        for n in sizes:
            print(f"{n} x 1024, lifted", flush=True)
            row("ours_dbscan", paths[n], EPS)
            row("ours_forest", paths[n], EPS_MAX)
    if "extend" in wanted:
        print(f"1% added to {sizes[2]} and {sizes[1]} x 1024 (x: relative to the full pass)", flush=True)
        for n, eps in ((sizes[2], EPS), (sizes[2], EPS_MAX), (sizes[1], EPS)):
            row("ours_extend", paths[n], eps, row("ours_forest", paths[n], eps))
    if "dense" in wanted:
        n = 200_000 // shrink
        path = folder / "dense.npy"
        np.save(path, isotropic(n, 384, 0.2, np.random.default_rng(0)))
        print(f"{n} x 384, isotropic, nearly every pair within eps_max (x: relative to one full product)", flush=True)
        row("ours_forest", path, EPS_MAX, row("full_product", path, EPS_MAX))


def make_lifted(folder: Path, vectors: Path | None, n: int) -> Path:
    """Real vectors lifted to 1,024 dimensions and resampled to n."""
    path = folder / f"lifted_{n}.npy"
    if not path.exists():
        rng = np.random.default_rng(1)
        np.save(path, resample(lift(real_vectors(vectors), 1024, rng), n, rng))
    return path


if __name__ == "__main__":
    main()
