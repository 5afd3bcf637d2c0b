"""The settings that say which merged rows may be kept."""

from typing import Any

import dagster as dg
from pydantic import Field

from python_assets.errors import SettingsError
from python_assets.languages.detector import known_languages

_LIMITS = (("keep_min_chars", "keep_max_chars"), ("keep_min_tokens", "keep_max_tokens"))


class FilterSettings(dg.ConfigurableResource):
    """Filters by language and length, all off by default. A row that one of them takes stands for no other row."""

    keep_languages: list[str] = Field(
        default=[],
        description="Keep only prompts in these languages (ISO 639-1 codes, such as en and zh). und: undetermined, "
        "as texts of code or formulas only and very short ones are. Empty: all.",
    )
    keep_min_chars: int | None = Field(default=None, description="Keep no prompt with fewer characters. Empty: off.")
    keep_max_chars: int | None = Field(default=None, description="Keep no prompt with more characters. Empty: off.")
    keep_min_tokens: int | None = Field(
        default=None,
        description="Keep no row whose compared text has fewer tokens by the model's tokenizer. Empty: off.",
    )
    keep_max_tokens: int | None = Field(
        default=None,
        description="Keep no row whose compared text has more tokens; the whole text counts, also where the model "
        "sees only its head. Empty: off.",
    )

    def filter_vars(self) -> dict[str, Any]:
        """Return the filters as SQL needs them.

        Raises
        ------
        SettingsError
            A language is not known, or a lower limit is above the upper one.
        """
        if unknown := sorted(set(self.keep_languages) - known_languages()) if self.keep_languages else []:
            raise SettingsError(
                f"keep_languages names {', '.join(unknown)}; it can name {', '.join(sorted(known_languages()))}"
            )
        limits = {name: getattr(self, name) for pair in _LIMITS for name in pair}
        for low, high in _LIMITS:
            if limits[low] is not None and limits[high] is not None and limits[low] > limits[high]:
                raise SettingsError(f"{low} is {limits[low]} and {high} is {limits[high]}; no row could be kept")
        return {"keep_languages": self.keep_languages, **limits}
