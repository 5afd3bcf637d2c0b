"""How fast a model was on this machine, beside its vectors, for plans."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from python_assets.files import write_aside

NAME = "speed.json"
_SECONDS_TO_TRUST = 30.0


@dataclass(frozen=True)
class Speed:
    """How fast a model was.

    Attributes
    ----------
    texts, characters, tokens : int
        What was embedded.
    seconds : float
        How long that took, without loading the model.
    """

    texts: int
    characters: int
    tokens: int
    seconds: float


def read_speed(directory: Path) -> Speed | None:
    """Return how fast the model was whose vectors are in a directory; None where that is not known."""
    try:
        speed = Speed(**json.loads((directory / NAME).read_text(encoding="utf-8")))
        return speed if min(speed.texts, speed.characters, speed.seconds) > 0 else None
    except (OSError, ValueError, TypeError):
        return None


def write_speed(directory: Path, speed: Speed) -> None:
    """Write down how fast the model was; what was measured for longer stays. A full disk is no error."""
    before = read_speed(directory)
    if before is None or speed.seconds >= min(before.seconds, _SECONDS_TO_TRUST):
        with suppress(OSError), write_aside(directory / NAME) as aside:
            aside.write_text(json.dumps(asdict(speed), indent=2) + "\n", encoding="utf-8")
