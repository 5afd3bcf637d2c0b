"""
Measure on labelled pairs which methods find a benchmark item in a training prompt, and which find too much.

    python tests/bench/bench_truth.py

The first table has one row per method: precision and recall over all pairs, then per kind the share that the method
calls the same. That is the recall of the kinds that are the same question (formatting to translated) and the share of
false positives of those that are another one. In `other items` every item meets the prompts of all other items; these
pairs count in no other column. The second table has the distances per kind. `order` is how often, of two pairs, one
of this kind and one with the other label, the pair with the same question is the nearer one: 0.5 is chance, below 0.5
no eps can help. Then follow the best eps. The pairs are not a sample of any dataset: there, different questions are
far more frequent than among the pairs, and easier. Compare methods by them, do not read them as rates.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dagster_defs.settings import Settings
from python_assets.contamination.lexical import EXACT, LexicalIndex, ngram_method
from python_assets.embeddings.encoded import BoolArray, EncodedTexts, Float32Array, is_comparable
from python_assets.embeddings.encoder import Encoder
from python_assets.embeddings.identity import default_eps, identify
from python_assets.embeddings.loading import load_model
from python_assets.embeddings.presets import MINILM
from tests.bench.truth_pairs import OTHER_KINDS, SAME_KINDS, TruthPair, read_pairs

Method = Callable[[list[str], list[str]], BoolArray]

BATCH_TOKENS = 8_192
REACH = Settings().benchmark_radius()
KINDS = (*SAME_KINDS, *OTHER_KINDS)
MINIMAL_EDITS = ("other_numbers", "negated_or_swapped")
WANTED_PRECISION = 0.95
FINE_EPS = np.arange(0.005, 1.2, 0.005)


class Distances:
    """The Euclidean distances of items and prompts by one model, each text embedded once."""

    def __init__(self, texts: Iterable[str]) -> None:
        distinct = list(dict.fromkeys(texts))
        encoder = Encoder([load_model(identify(MINILM, precision="float32"), "cpu")], "cut")
        self._encoded: EncodedTexts = encoder.encode(encoder.tokenize(distinct), BATCH_TOKENS)
        self._rows = {text: row for row, text in enumerate(distinct)}
        self._comparable = is_comparable(self._encoded.n_tokens, self._encoded.n_unknown, self._encoded.is_truncated)

    def between(self, items: list[str], prompts: list[str]) -> Float32Array:
        """Distances of the pairs, shape (n,)."""
        one, other = (self._encoded.vectors[self._places(texts)] for texts in (items, prompts))
        distances: Float32Array = np.linalg.norm(one - other, axis=1)
        return distances

    def within(self, eps: float) -> Method:
        """The method `embedding`: pairs at most eps apart."""
        return lambda items, prompts: self.between(items, prompts) <= eps

    def near_duplicates(self, eps: float) -> Method:
        """What the near-duplicate removal does: pairs at most eps apart, both texts comparable."""
        return lambda items, prompts: (
            (self.between(items, prompts) <= eps)
            & self._comparable[self._places(items)]
            & self._comparable[self._places(prompts)]
        )

    def _places(self, texts: list[str]) -> list[int]:
        return [self._rows[text] for text in texts]


def lexical(method: str, share: float = 1.0) -> Method:
    """The prompts that repeat the item by one method of words, each asked for itself."""
    shares = {n: share for n in (8, 13) if method == ngram_method(n)}

    def found(items: list[str], prompts: list[str]) -> BoolArray:
        distinct = list(dict.fromkeys(prompts))
        row, known = {prompt: number for number, prompt in enumerate(distinct)}, list(dict.fromkeys(items))
        is_found = np.zeros((len(distinct), len(known)), bool)
        for repeats in LexicalIndex(known, shares).find(distinct):
            if repeats.method == method:
                is_found[repeats.prompt, repeats.item] = True
        column = {item: number for number, item in enumerate(known)}
        return is_found[[row[prompt] for prompt in prompts], [column[item] for item in items]]

    return found


def any_of(several: Sequence[Method]) -> Method:
    """What at least one of the methods finds."""
    return lambda items, prompts: np.logical_or.reduce([method(items, prompts) for method in several])


def methods(distances: Distances, sweep: Iterable[float]) -> dict[str, Method]:
    """The methods to measure by their names; another one needs an entry here and nothing else."""
    eps = default_eps(MINILM)
    default = Settings()
    shares = {ngram_method(n): share for n, share in default.ngram_shares().items()}
    by_words = {EXACT: lexical(EXACT), **{name: lexical(name, share) for name, share in shares.items()}}
    return {
        **{f"{name}, share {shares.get(name, 1):g}": method for name, method in by_words.items()},
        "what is removed": any_of([by_words[name] for name in default.contamination_methods]),
        f"near-duplicates, eps {eps:g}": distances.near_duplicates(eps),
        **{f"embedding, eps {each:g}": distances.within(each) for each in sorted({eps, REACH, *sweep})},
    }


def scores(found: BoolArray, same: BoolArray) -> tuple[float, float, float]:
    """Precision, recall and F1; precision is NaN where nothing is found."""
    hits = int((found & same).sum())
    precision = hits / int(found.sum()) if found.any() else float("nan")
    return precision, hits / int(same.sum()), 2 * hits / (int(found.sum()) + int(same.sum()))


def apply(method: Method, pairs: Sequence[TruthPair]) -> BoolArray:
    """What a method says of each pair."""
    return method([pair.item for pair in pairs], [pair.prompt for pair in pairs])


def crossed(pairs: Sequence[TruthPair]) -> list[TruthPair]:
    """Each item with the prompts of all other items."""
    items = dict.fromkeys(pair.item for pair in pairs)
    return [TruthPair("other items", item, p.prompt, False) for item in items for p in pairs if p.item != item]


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, numbers to the right."""
    head = [columns, ["---", *["---:"] * (len(columns) - 1)]]
    return "\n".join(f"| {' | '.join(row)} |" for row in (*head, *rows))


def methods_table(named: dict[str, Method], pairs: Sequence[TruthPair]) -> str:
    """One row per method."""
    same, kinds = _labels(pairs)
    others = crossed(pairs)
    rows = []
    for name, method in named.items():
        found = apply(method, pairs)
        values = [*scores(found, same), *(float(found[kinds == kind].mean()) for kind in KINDS)]
        rows.append([name, *(f"{value:.2f}" for value in values), f"{apply(method, others).mean():.4f}"])
    return markdown(["method", "precision", "recall", "F1", *KINDS, "other items"], rows)


def distances_table(distances: Float32Array, pairs: Sequence[TruthPair]) -> str:
    """One row per kind."""
    same, kinds = _labels(pairs)
    rows = []
    for kind in KINDS:
        own = distances[kinds == kind]
        is_same = kind in SAME_KINDS
        rest = distances[same != is_same]
        nearer, farther = (own, rest) if is_same else (rest, own)
        order = np.mean(nearer[:, None] < farther[None])
        deciles = np.quantile(own, (0.1, 0.5, 0.9))
        rows.append([kind, str(len(own)), *(f"{value:.2f}" for value in (*deciles, order))])
    return markdown(["kind", "pairs", "distance, 10%", "median", "90%", "order"], rows)


def best_eps(distances: Float32Array, same: BoolArray) -> str:
    """Tell the eps with the best F1, and the largest one whose precision is high."""
    found = [scores(distances <= eps, same) for eps in FINE_EPS]
    f1 = int(np.argmax([score[2] for score in found]))
    precise = [place for place, score in enumerate(found) if score[0] >= WANTED_PRECISION]
    told = [f"best F1 {_told(FINE_EPS[f1], found[f1])}"]
    if precise:
        told.append(
            f"largest eps with precision >= {WANTED_PRECISION} {_told(FINE_EPS[precise[-1]], found[precise[-1]])}"
        )
    else:
        told.append(f"no eps has precision >= {WANTED_PRECISION}")
    return "; ".join(told)


def _told(eps: float, found: tuple[float, float, float]) -> str:
    return f"at eps {eps:.3f} (precision {found[0]:.2f}, recall {found[1]:.2f}, F1 {found[2]:.2f})"


def _labels(pairs: Sequence[TruthPair]) -> tuple[BoolArray, np.ndarray]:
    return np.array([pair.same for pair in pairs]), np.array([pair.kind for pair in pairs])


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a sweep of four eps")
    options = parser.parse_args()
    pairs = read_pairs()
    model = Distances(text for pair in pairs for text in (pair.item, pair.prompt))
    step_size = 15 if options.quick else 5
    sweep = [step / 100 for step in range(step_size, 61, step_size)]
    print(f"{len(pairs)} labelled pairs, {len({p.item for p in pairs})} items, {MINILM} in float32\n")
    print(methods_table(methods(model, sweep), pairs), "\n")
    same, kinds = _labels(pairs)
    distances = model.between([pair.item for pair in pairs], [pair.prompt for pair in pairs])
    print(distances_table(distances, pairs), "\n")
    print("all kinds:", best_eps(distances, same))
    kept = ~np.isin(kinds, MINIMAL_EDITS)
    print(f"without {' and '.join(MINIMAL_EDITS)}:", best_eps(distances[kept], same[kept]))
    others = crossed(pairs)
    far = model.between([pair.item for pair in others], [pair.prompt for pair in others])
    both, labels = np.concatenate([distances, far]), np.concatenate([same, np.zeros(len(far), bool)])
    print(f"all kinds and {len(far):,} pairs of other items, the nearest at {far.min():.3f}:", best_eps(both, labels))


if __name__ == "__main__":
    main()
