"""A warehouse that an earlier version made goes on with this one."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import duckdb

Dbt = Callable[..., "subprocess.CompletedProcess[str]"]


def test_tables_of_an_earlier_version_get_the_columns_that_they_lack(dbt: Dbt, tmp_path: Path) -> None:
    """A run of one type reads the tables of all of them, and does not build those of the others."""
    path = str(tmp_path / "warehouse.duckdb")
    with duckdb.connect(path) as connection:
        connection.execute("CREATE SCHEMA ml; CREATE SCHEMA intermediate")
        connection.execute("CREATE TABLE ml.cot_eps_sweep AS SELECT 0.2::DOUBLE AS eps, 3::BIGINT AS removed")
        connection.execute(
            "CREATE TABLE intermediate.int_cot_summary AS SELECT 7::BIGINT AS kept, 'acme/riddles' AS dataset"
        )
    built = dbt("run", "--select", "eps_sweep", "dedup_summary")
    assert built.returncode == 0, built.stdout[-3000:]
    with duckdb.connect(path, read_only=True) as connection:
        sweep = connection.sql("SELECT type, eps, removed, precision FROM marts.eps_sweep").fetchall()
        summary = connection.sql("SELECT dataset, kept, quarantined FROM marts.dedup_summary").fetchall()
    assert sweep == [("cot", 0.2, 3, None)]
    assert summary == [("acme/riddles", 7, None)]
