"""The settings of the embedding model."""

from enum import Enum

import dagster as dg
from pydantic import Field

from python_assets.embeddings import hardware
from python_assets.embeddings.identity import LONG_TEXTS, ModelIdentity, identify
from python_assets.embeddings.presets import MINILM, PRESETS
from python_assets.errors import SettingsError

Precision = Enum("Precision", {name: name for name in hardware.PRECISIONS})
LongTexts = Enum("LongTexts", {name: name for name in LONG_TEXTS})

BATCH_TOKENS_CPU, BATCH_TOKENS_GPU = 8_192, 32_768


class ModelSettings(dg.ConfigurableResource):
    """Which model turns texts into vectors, and how."""

    model: str = Field(
        default=MINILM,
        description="The embedding model: " + ", ".join(PRESETS) + "; or a directory of a sentence-transformers "
        "model or of jina-embeddings-v3, or an id on the Hub (org/name or org/name@revision).",
    )
    dimension: int | None = Field(
        default=None,
        description="Cut the vectors to this many numbers, for models that were trained for it (Matryoshka). "
        "Empty: all of them.",
    )
    max_tokens: int | None = Field(
        default=None, description="Tokens that the model sees of a text. Empty: as many as it can."
    )
    long_texts: LongTexts = Field(  # type: ignore[valid-type]
        default=LongTexts["cut"],
        description="What becomes of a text with more tokens than that. cut: it is cut off, flagged, and never "
        "merged. windows: it is seen whole in overlapping windows, whose vectors are averaged.",
    )
    precision: Precision = Field(  # type: ignore[valid-type]
        default=Precision["auto"],
        description="What the model computes in. auto: bfloat16 where the hardware has it, else float32. The "
        "vectors of the two are kept apart.",
    )
    device: str | None = Field(
        default=None,
        description="cpu, cuda, cuda:1, mps; several with commas share the work. Empty: the best one of this machine.",
    )
    batch_tokens: int | None = Field(
        default=None,
        description="Tokens in one forward pass of the model, padding counted. Empty: 8,192 on a CPU, 32,768 on a GPU.",
    )

    def identity(self) -> ModelIdentity:
        """Return what the vectors are that these settings ask for."""
        return identify(
            self.model,
            precision=hardware.resolve_precision(self.precision.value, self.devices()),
            dimension=self.dimension,
            max_tokens=self.max_tokens,
            long_texts=self.long_texts.value,
        )

    def devices(self) -> tuple[str, ...]:
        """Return the devices on which the model runs."""
        return hardware.devices(self.device)

    def resolved_batch_tokens(self) -> int:
        """Return the tokens of a batch, or the devices' default."""
        if self.batch_tokens is not None and self.batch_tokens < 1:
            raise SettingsError(f"batch_tokens is {self.batch_tokens}; it must be at least 1")
        return self.batch_tokens or (BATCH_TOKENS_CPU if "cpu" in self.devices() else BATCH_TOKENS_GPU)
