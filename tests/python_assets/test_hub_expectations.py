"""The README says what to expect of a download; this computes it from the registry."""

from __future__ import annotations

from python_assets.sources.registry import TYPES, Dataset, load_registry
from tests.conftest import REPO_DIR

_BYTES_A_MINUTE = 20e6 * 60
# Raw tables of compressed files, as read from datasets whose decoded size is on their cards.
_TABLE_PER_FILE_BYTE = 3
_VECTOR_BYTES = 1024 * 4


def _line(name: str, datasets: list[Dataset]) -> str:
    rows = sum(dataset.rows or 0 for dataset in datasets)
    sized = [(dataset.size_bytes, dataset.rows) for dataset in datasets if dataset.size_bytes and dataset.rows]
    row_bytes = sum(size for size, _ in sized) / sum(n for _, n in sized)
    download = sum(dataset.size_bytes or (dataset.rows or 0) * row_bytes for dataset in datasets)
    vectors = rows * _VECTOR_BYTES
    disk = download * (1 + _TABLE_PER_FILE_BYTE) + 2 * vectors
    return (
        f"| {name} | {len(datasets)} | {rows / 1e6:.1f} million | {download / 1e9:.1f} GB "
        f"| {download / _BYTES_A_MINUTE:.0f} min | {vectors / 1e9:.0f} GB | {disk / 1e9:.0f} GB |"
    )


def test_the_readme_says_what_the_registry_says() -> None:
    registry = [dataset for dataset in load_registry() if dataset.is_training]
    nemotron = "nvidia/Llama-Nemotron-Post-Training-Dataset"
    expected = []
    for type_name in TYPES:
        datasets = [dataset for dataset in registry if type_name in dataset.feeds]
        expected.append(_line(type_name, datasets))
        if without := [dataset for dataset in datasets if dataset.repo == nemotron]:
            expected[-1] = _line(f"{type_name}, without Llama-Nemotron", [d for d in datasets if d not in without])
    readme = (REPO_DIR / "README.md").read_text(encoding="utf-8")
    assert "\n".join(expected) in readme, "the table in README.md should be:\n" + "\n".join(expected)


def test_sizes_are_those_of_one_entry_only() -> None:
    sizes = [dataset.size_bytes for dataset in load_registry() if dataset.size_bytes]
    assert min(sizes) > 100_000, "in bytes"
    evaluation = [dataset for dataset in load_registry() if not dataset.is_training]
    for dataset in evaluation:
        training = next(
            d for d in load_registry() if d.is_training and (d.repo, d.config) == (dataset.repo, dataset.config)
        )
        assert (dataset.rows or 0) < (training.rows or 1), dataset.dataset
        assert (dataset.size_bytes or 0) < (training.size_bytes or 1), dataset.dataset
