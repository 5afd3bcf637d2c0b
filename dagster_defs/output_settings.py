"""The settings of the files that leave the warehouse."""

import dagster as dg
from pydantic import Field, field_validator

from python_assets.exports.trainer_files import TRAINERS


class OutputSettings(dg.ConfigurableResource):
    """Which files are written beside the standard ones, and what is drawn."""

    write_embeddings: bool = Field(
        default=True,
        description="Write all_files_embeddings.npy (4 bytes * dimension per merged row).",
    )
    trainer_files: list[str] = Field(
        default=list(TRAINERS),
        description="Trainers for which to write files that they take as they are: trl (two copies of the texts), "
        "llama_factory (one). Empty: none.",
    )

    map_texts: int = Field(
        default=1000, ge=0, description="Texts on the map of the clusters' asset (t-SNE, seconds). 0: no map."
    )

    @field_validator("trainer_files")
    @classmethod
    def _known_trainers(cls, names: list[str]) -> list[str]:
        if unknown := set(names) - set(TRAINERS):
            raise ValueError(
                f"there are no files for {', '.join(sorted(unknown))}; there are for {', '.join(TRAINERS)}"
            )
        return names
