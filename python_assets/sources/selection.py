"""Which datasets a run takes, and how much of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from python_assets.errors import SettingsError
from python_assets.sources.registry import Dataset


@dataclass(frozen=True)
class Selection:
    """The datasets that are wanted.

    Attributes
    ----------
    eval_splits : bool
        Whether validation and test splits are wanted as well.
    include : tuple of str
        Patterns on the names of datasets, such as ``nvidia/*``; empty: all of them.
    exclude : tuple of str
        Patterns of those that are not wanted; they win over `include`.
    max_rows : int or None
        Load only so many rows of each dataset, the first in the order of its files.
    """

    eval_splits: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_rows: int | None = None

    def wants(self, dataset: Dataset) -> bool:
        """Tell whether a dataset is wanted."""
        if not dataset.is_training and not self.eval_splits:
            return False
        included = not self.include or _any_matches(dataset, self.include)
        return included and not _any_matches(dataset, self.exclude)

    def check(self, datasets: Iterable[Dataset]) -> None:
        """Refuse what cannot be meant.

        Raises
        ------
        SettingsError
            A pattern that no dataset of the registry matches, or a limit below one row.
        """
        known = list(datasets)
        for setting, patterns in (("include", self.include), ("exclude", self.exclude)):
            for pattern in patterns:
                if not any(_any_matches(dataset, (pattern,)) for dataset in known):
                    raise SettingsError(
                        f"{setting}: no dataset is named like {pattern!r}; names are such as "
                        f"{known[0].dataset}, and * stands for any characters"
                    )
        if self.max_rows is not None and self.max_rows < 1:
            raise SettingsError(f"max_rows is {self.max_rows}; it must be at least 1, or empty for all rows")


def _any_matches(dataset: Dataset, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns for name in (dataset.dataset, dataset.repo))
