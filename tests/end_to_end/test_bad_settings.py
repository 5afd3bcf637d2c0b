"""Settings that cannot work end in a clear error before anything is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import SAMPLE_DIR, run_job


@pytest.mark.parametrize(
    ("make_raw", "arguments", "message"),
    [
        (lambda path: path / "missing", (), "does not exist"),
        (lambda path: path, (), "holds none of the registry's datasets"),
        (lambda path: SAMPLE_DIR, ("--eps", "-1"), "eps must be a finite number above 0, not -1.0"),
        (lambda path: SAMPLE_DIR, ("--settings", '{"model": "some/model"}'), "set eps"),
        (lambda path: SAMPLE_DIR, ("--settings", '{"epsilon": 1}'), "SETTINGS cannot be used"),
        (lambda path: SAMPLE_DIR, ("--settings", '{"metric": "l1"}'), "SETTINGS cannot be used"),
        (lambda path: SAMPLE_DIR, ("--settings", '{"min_samples": 0}'), "must be at least 1"),
        (lambda path: SAMPLE_DIR, ("--settings", '{"include": ["GIAR/*"]}'), "no dataset is named like 'GIAR/*'"),
        (lambda path: SAMPLE_DIR, ("--settings", '{"max_rows": 0}'), "max_rows is 0; it must be at least 1"),
        (lambda path: f"{path}:{path}", ("--source", "hub"), "RAW_DIR must name one only"),
        (lambda path: SAMPLE_DIR, ("--settings", "not json"), "SETTINGS cannot be used"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_before_the_run(
    tmp_path: Path, make_raw: object, arguments: tuple[str, ...], message: str
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    run = run_job(make_raw(raw), tmp_path / "warehouse", *arguments)  # type: ignore[operator]
    assert run.code == 1
    assert run.stderr.startswith("error: ")
    assert message in run.stderr
    assert not (tmp_path / "warehouse" / "warehouse.duckdb").exists()
