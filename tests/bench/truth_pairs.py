"""
Pairs of a benchmark item and a training prompt that a person labelled: the same question, or another one.

`labelled_pairs.jsonl` has one object a line: kind, item, prompt, same. All texts are made up. `same` is true where the
answer to the prompt gives away the answer to the item. The kinds say how the two texts differ:

==================  =====  =============================================================================
formatting          same   case, punctuation, white space, LaTeX, line breaks, quotes, spelling
wrapped             same   the item word for word inside an instruction, a role play or few-shot text
reworded            same   other words, from light to heavy
translated          same   German, Spanish, French, Portuguese, Italian, Russian, Chinese, Japanese
other_numbers       other  the same text with other numbers, units or inputs
shared_head         other  the same beginning or context, another question at the end
negated_or_swapped  other  one decisive word: roles swapped, most for fewest, active for passive
same_topic          other  a related question of similar length
==================  =====  =============================================================================
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

PAIRS_FILE = Path(__file__).with_name("labelled_pairs.jsonl")

SAME_KINDS = ("formatting", "wrapped", "reworded", "translated")
OTHER_KINDS = ("other_numbers", "shared_head", "negated_or_swapped", "same_topic")


@dataclass(frozen=True)
class TruthPair:
    """A benchmark item, a training prompt, and whether they ask the same."""

    kind: str
    item: str
    prompt: str
    same: bool


def read_pairs(path: Path = PAIRS_FILE) -> list[TruthPair]:
    """Return the pairs in the order of the file."""
    with path.open(encoding="utf-8") as lines:
        return [TruthPair(**json.loads(line)) for line in lines]
