"""The bundled sample with many generated rows beside it, in the formats and columns of the Hub's files."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from tests.conftest import SAMPLE_DIR

_VERBS = ("Name", "Draw", "Sort", "Mend", "Plan", "Count", "Explain", "Compare", "Describe", "Translate", "Price")
_KINDS = ("small", "wooden", "broken", "quiet", "red", "tidal", "northern", "hollow", "borrowed", "ancient", "digital")
_THINGS = ("bridges", "recipes", "queries", "lanterns", "maps", "harbours", "proofs", "gardens", "clocks", "letters")
_REPEATED, _NEARLY = 0.1, 0.1

Row = dict[str, Any]


def build(root: Path, n_rows: int, seed: int) -> None:
    """Write the sample and `n_rows` generated rows, as many for each type, below `root` in the Hub's layout."""
    shutil.copytree(SAMPLE_DIR, root)
    for number, (path, (share, add, row)) in enumerate(_FILES.items()):
        prompts = list(_prompts(random.Random(f"{seed} {number}"), int(n_rows * share / 4)))
        add(root / path, [row(prompt, number) for number, prompt in enumerate(prompts)])


def _prompts(random_: random.Random, n: int) -> Iterator[str]:
    """Yield short prompts, some of them again word for word, some again with one character more."""
    seen: list[str] = []
    for _ in range(n):
        draw = random_.random()
        if seen and draw < _REPEATED + _NEARLY:
            text = random_.choice(seen)
            yield text if draw < _REPEATED else f"{text}!"
            continue
        words = (
            random_.choice(_VERBS),
            str(random_.randrange(10_000)),
            random_.choice(_KINDS),
            random_.choice(_THINGS),
        )
        seen.append(" ".join(words))
        yield seen[-1]


def _lines(rows: list[Row]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _add_lines(path: Path, rows: list[Row]) -> None:
    with path.open("ab") as file:
        file.write(_lines(rows))


def _add_gzip(path: Path, rows: list[Row]) -> None:
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + _lines(rows), mtime=0))


def _add_zstd(path: Path, rows: list[Row]) -> None:
    before = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read()
    path.write_bytes(zstandard.ZstdCompressor().compress(before + _lines(rows)))


def _add_array(path: Path, rows: list[Row]) -> None:
    path.write_text(json.dumps([*json.loads(path.read_text("utf-8")), *rows]), "utf-8")


def _add_csv(path: Path, rows: list[Row]) -> None:
    header = next(csv.reader(io.StringIO(path.read_text("utf-8"))))
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, header).writerows(rows)


def _add_shard(path: Path, rows: list[Row]) -> None:
    """Write a Parquet file with the columns of the first of its directory; a column that is not given is null."""
    first = str(min(path.parent.glob("*.parquet")))
    schema = duckdb.sql(f"SELECT * FROM read_parquet('{first}') LIMIT 0").to_arrow_table().schema
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)


def _chat(*turns: str) -> list[dict[str, str]]:
    return [{"role": role, "content": turn} for role, turn in zip(("user", "assistant"), turns, strict=False)]


def _thought(prompt: str, n: int) -> Row:
    about = {"source": None, "reference_answer": None, "test_case": None, "think_content": None, "answer_content": None}
    turns = _chat(prompt, f"<think>Step {n}.</think><answer>Done {n}.</answer>")
    return {"messages": [{**turn, "info": about} for turn in turns]}


def _spoken(prompt: str, n: int) -> Row:
    answer = f"<think>\nStep {n}.\n</think>\n\nDone {n}."
    return {"conversations": [{"from": "user", "value": prompt}, {"from": "assistant", "value": answer}]}


def _battle(prompt: str, n: int) -> Row:
    said = {"prompt": [prompt], "response_a": [f"So {n}."], "response_b": [f"Not so {n}."]}
    won = {"winner_model_a": int(n % 3 == 0), "winner_model_b": int(n % 3 == 1), "winner_tie": int(n % 3 == 2)}
    return {"id": n, "model_a": "m1", "model_b": "m2", **{k: json.dumps(v) for k, v in said.items()}, **won}


def _dialogue(prompt: str, n: int) -> Row:
    return {
        verdict: f"\n\nHuman: {prompt}\n\nAssistant: {said} {n}."
        for verdict, said in (("chosen", "Well"), ("rejected", "No"))
    }


# Where rows go: which part of a type's rows, how they are added to the file, and what a row is.
_FILES: dict[str, tuple[float, Callable[[Path, list[Row]], None], Callable[[str, int], Row]]] = {
    "fka/awesome-chatgpt-prompts/prompts.csv": (
        *(0.5, _add_csv),
        lambda prompt, n: {"act": f"act {n}", "prompt": prompt, "for_devs": "FALSE", "type": "TEXT"},
    ),
    "trl-lib/ultrafeedback-prompt/data/train-00001-of-00002.parquet": (
        *(0.5, _add_shard),
        lambda prompt, n: {"prompt": _chat(prompt)},
    ),
    "GAIR/lima/train.jsonl": (
        *(0.5, _add_lines),
        lambda prompt, n: {"conversations": [prompt, f"Answer {n}."], "source": "generated"},
    ),
    "allenai/tulu-3-sft-personas-math/data/train-00002-of-00002.parquet": (
        *(0.5, _add_shard),
        lambda prompt, n: {"id": f"g{n}", "prompt": prompt, "messages": _chat(prompt, f"Answer {n}.")},
    ),
    "a-m-team/AM-DeepSeek-R1-Distilled-1.4M/am_0.5M.jsonl.zst": (0.25, _add_zstd, _thought),
    "qihoo360/Light-R1-SFTData/stage2-3k.json": (0.25, _add_array, _spoken),
    "open-thoughts/OpenThoughts-114k/metadata/train-00002-of-00003.parquet": (
        *(0.5, _add_shard),
        lambda prompt, n: {"problem": prompt, "deepseek_reasoning": f"Step {n}.", "deepseek_solution": f"Done {n}."},
    ),
    "Anthropic/hh-rlhf/helpful-base/train.jsonl.gz": (0.5, _add_gzip, _dialogue),
    "lmarena-ai/arena-human-preference-55k/train.csv": (0.25, _add_csv, _battle),
    "Skywork/Skywork-Reward-Preference-80K-v0.2/data/train-00001-of-00002.parquet": (
        *(0.25, _add_shard),
        lambda prompt, n: {"chosen": _chat(prompt, f"Yes {n}."), "rejected": _chat(prompt, f"No {n}.")},
    ),
}
