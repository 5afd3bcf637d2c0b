from __future__ import annotations

from typing import Any

import pytest

from dagster_defs.settings import Settings
from python_assets.errors import SettingsError


def test_no_filter_is_on_by_default() -> None:
    assert not any(Settings().filter_vars().values())


def test_filters_reach_sql() -> None:
    passed = Settings(keep_languages=["en", "und"], keep_min_chars=0, keep_max_tokens=8).dbt_vars()
    assert (passed["keep_languages"], passed["keep_min_chars"], passed["keep_max_chars"]) == (["en", "und"], 0, None)
    assert (passed["keep_min_tokens"], passed["keep_max_tokens"]) == (None, 8)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"keep_languages": ["en", "english"]}, "keep_languages names english; it can name .*zh"),
        ({"keep_min_chars": 9, "keep_max_chars": 8}, "keep_min_chars is 9 and keep_max_chars is 8"),
        ({"keep_min_tokens": 9, "keep_max_tokens": 8}, "keep_min_tokens is 9 and keep_max_tokens is 8"),
    ],
)
def test_filters_that_would_keep_nothing_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        Settings(**settings).filter_vars()
