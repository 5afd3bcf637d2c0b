"""The whole plan of a run."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import duckdb

from python_assets.embeddings.speed import read_speed
from python_assets.exports.files import FOLDER
from python_assets.plan.costs import Cost, estimate, size_of
from python_assets.plan.datasets import DatasetPlan, plan_datasets
from python_assets.plan.outputs import SAME, OutputPlan, plan_outputs
from python_assets.plan.request import Request
from python_assets.plan.texts import TextPlan, plan_texts
from python_assets.sources.registry import Dataset
from python_assets.warehouse import connect, warehouse_path


@dataclass(frozen=True)
class TypePlan:
    """What a run does for one type.

    Attributes
    ----------
    type_name : str
    datasets : list of DatasetPlan
        Of those that feed it, in the order of their ordinals.
    texts : TextPlan
    outputs : OutputPlan
    cost : Cost
    """

    type_name: str
    datasets: list[DatasetPlan]
    texts: TextPlan
    outputs: OutputPlan
    cost: Cost

    @property
    def changes_nothing(self) -> bool:
        """Whether tables and files are the same after the run."""
        return not (self.texts.rows_change or self.texts.n_to_embed) and self.outputs.change == SAME


def make_plan(types: Sequence[str], registry: Sequence[Dataset], request: Request) -> list[TypePlan]:
    """Say what a run would do for each type, without changing anything.

    Raises
    ------
    WarehouseBusyError
        A run holds the warehouse.
    """
    feeding = [dataset for dataset in registry if not dataset.feeds.keys().isdisjoint(types)]
    with _warehouse(request) as connection:
        plans = plan_datasets(connection, feeding, request)
        return [_of_type(connection, type_name, plans, request) for type_name in types]


def _warehouse(request: Request) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    path = warehouse_path(request.root)
    return connect(path, read_only=True) if path.exists() else nullcontext(duckdb.connect())


def _of_type(
    connection: duckdb.DuckDBPyConnection, type_name: str, plans: Sequence[DatasetPlan], request: Request
) -> TypePlan:
    datasets = [plan for plan in plans if type_name in plan.dataset.feeds]
    datasets.sort(key=lambda plan: plan.dataset.feeds[type_name])
    texts = plan_texts(connection, type_name, datasets, request)
    outputs = plan_outputs(connection, type_name, datasets, texts.rows_change, request)
    files = request.files(type_name)
    cost = estimate(
        datasets,
        texts,
        speed=read_speed(request.store.directory),
        dimension=request.dimension or request.store.dimension(),
        writes_embeddings=request.writes_embeddings,
        outputs_before=size_of(files.directory, files.embeddings.parent),
        outputs_alike=size_of(files.directory)
        or max(map(size_of, files.directory.parent.glob(f"{FOLDER}*")), default=0),
    )
    return TypePlan(type_name, datasets, texts, outputs, cost)
