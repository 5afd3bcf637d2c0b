"""Bad files end in a clear error or a quarantined row, never in a loss."""

from __future__ import annotations

import shutil

import pytest

from tests.conftest import ANSI_TRACEBACK, SAMPLE_DIR, Run, run_job
from tests.crash.compare import snapshot
from tests.crash.job import Job
from tests.crash.stages import LOAD, Moment

pytestmark = pytest.mark.slow

TULU = "allenai/tulu-3-sft-olmo-2-mixture-0225"
ARENA = "lmarena-ai/arena-human-preference-100k"
AWESOME = "fka/awesome-chatgpt-prompts"
HELPSTEER = "nvidia/HelpSteer3"
LIMA = "GAIR/lima"
LIMO = "GAIR/LIMO"
OPENR1 = "open-r1/OpenR1-Math-220k"


@pytest.fixture(scope="module")
def damaged_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run on some of the sample with one damaged file of each kind, after one that was killed while it loaded."""
    raw = tmp_path_factory.mktemp("damaged") / "raw"
    for repo in (AWESOME, LIMA, TULU, LIMO, OPENR1, HELPSTEER, ARENA):
        shutil.copytree(SAMPLE_DIR / repo, raw / repo)
    shard = raw / TULU / "data/train-00001-of-00002.parquet"
    shard.write_bytes(shard.read_bytes()[:-200])
    (raw / LIMO / "limo.jsonl").write_bytes(b"")
    (raw / LIMA / "train.jsonl").write_bytes(
        b'\xef\xbb\xbf{"conversations": ["Name a prime.", "7"], "source": "x"}\n'
        b'{"conversations": ["cut off'
        b'\n{"conversations": ["Half a pair \\ud83d", "Here."], "source": "x"}\n'
        b'{"conversations": "not a list", "source": "x"}\n'
        b'{"conversations": ["caf\xe9", "Latin 1"]}\n'
        b'{"conversations": [null, "No prompt."]}\n'
    )
    (raw / AWESOME / "prompts.csv").write_bytes(
        b"\xef\xbb\xbfact,prompt\r\n"
        b'Poet,"Act as a poet.\nWrite of rain, and ""wind""."\r\n'
        b"Cook,too,many,fields\r\n"
        b"Baker,\r\n"
        b'Smith,"Act as a smith.\r\n'
    )
    gz = raw / HELPSTEER / "preference/train.jsonl.gz"
    gz.write_bytes(gz.read_bytes()[:-300])
    for repo in (HELPSTEER + "/edit", HELPSTEER + "/edit_quality"):
        shutil.rmtree(raw / repo)
    job = Job(tmp_path_factory.mktemp("damaged_run"), "all", raw_dir=raw)
    with job.started() as killed:
        assert killed.kill_at(Moment(LOAD, line=" loaded ", nth=2)) == LOAD, "".join(killed.lines)
    return run_job(raw, job.warehouse)


def test_what_a_killed_run_had_loaded_is_there_and_nothing_is_left_unfinished(damaged_run: Run) -> None:
    assert " unchanged " in damaged_run.stderr
    assert snapshot(damaged_run.root).unfinished == []


def test_a_refused_dataset_fails_the_run_with_its_name_file_and_cause(damaged_run: Run) -> None:
    assert damaged_run.code == 1
    errors = [line for line in damaged_run.stderr.splitlines() if line.startswith("error: refused")]
    assert len(errors) == 3
    for line, dataset, file in zip(errors, (LIMO, TULU, HELPSTEER), ("limo", "00001", "train"), strict=True):
        assert dataset in line
        assert file in line
    assert "the file is empty" in errors[0]
    assert "not readable as Parquet" in errors[1]
    assert "cut off or broken" in errors[2]


def test_no_traceback_is_shown(damaged_run: Run) -> None:
    assert ANSI_TRACEBACK not in damaged_run.stderr + damaged_run.stdout


def test_the_other_datasets_come_through(damaged_run: Run) -> None:
    kept = dict(damaged_run.query("SELECT dataset, kept FROM marts.dedup_summary WHERE kept > 0"))
    assert set(kept) == {
        AWESOME,
        f"{LIMA}/train",
        f"{OPENR1}/default",
        f"{OPENR1}/extended",
        ARENA,
    }


def test_broken_records_are_quarantined_with_their_text(damaged_run: Run) -> None:
    rows = damaged_run.query(
        "SELECT dataset, _row, reason, detail, metadata FROM marts.quarantine "
        "WHERE type IN ('prompt', 'sft') ORDER BY dataset, _row"
    )
    by_place = {(dataset.split("/")[0], row): rest for dataset, row, *rest in rows}
    assert {place: rest[0] for place, rest in by_place.items()} == {
        ("GAIR", 1): "unreadable_record",
        ("GAIR", 3): "unreadable_record",
        ("GAIR", 4): "unreadable_record",
        ("GAIR", 5): "no_prompt",
        ("fka", 1): "unreadable_record",
        ("fka", 2): "no_prompt",
        ("fka", 3): "unreadable_record",
    }
    assert by_place["GAIR", 1][2] == '{"conversations": ["cut off'
    assert "conversations: expected VARCHAR[], found string" in by_place["GAIR", 3][1]
    assert "invalid UTF-8" in by_place["GAIR", 4][1]
    assert "expected 2 fields, found 4" in by_place["fka", 1][1]
    assert by_place["fka", 1][2] == "Cook,too,many,fields"


def test_text_survives_quotes_newlines_marks_and_lone_surrogates(damaged_run: Run) -> None:
    prompts = {row[0] for row in damaged_run.query("SELECT prompt FROM marts.unified_prompt")}
    assert prompts == {'Act as a poet.\nWrite of rain, and "wind".'}
    lima = dict(damaged_run.query("SELECT prompt, metadata FROM marts.unified_sft"))
    assert "Name a prime." in lima
    assert "\\ud83d" in lima["Half a pair \ufffd"]
