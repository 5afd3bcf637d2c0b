from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from python_assets.languages import table
from python_assets.languages.detector import HEAD_CHARS, detect, known_languages

PROMPTS = [
    ("en", "How many bridges cross the river in the old town?"),
    ("en", "Let $f(x) = x^3 - 3x$. Determine how many real roots the equation $f(f(x)) = 1$ has."),
    ("en", "Write a function that reverses a list.\n\n```python\ndef umgekehrt(liste):\n    return liste[::-1]\n```"),
    ("zh", "老城区有几座桥跨过这条河?"),
    ("zh", "用 Python 写一个把列表反转的函数。"),
    ("zh", "求下面的极限: $\\lim_{x\\to 0} \\frac{\\sin x}{x}$"),
    ("de", "Wie viele Brücken führen in der Altstadt über den Fluss?"),
    ("fr", "Combien de ponts franchissent la rivière dans la vieille ville ?"),
    ("es", "¿Cuántos puentes cruzan el río en el casco antiguo?"),
    ("pt", "Quantas pontes atravessam o rio na cidade velha?"),
    ("it", "Quanti ponti attraversano il fiume nella città vecchia?"),
    ("ru", "Сколько мостов пересекает реку в старом городе?"),
    ("ja", "旧市街には川を渡る橋がいくつありますか。"),
    ("ko", "구시가지에는 강을 건너는 다리가 몇 개 있나요?"),
    ("ar", "كم عدد الجسور التي تعبر النهر في المدينة القديمة؟"),
    ("tr", "Eski şehirde nehrin üzerinden kaç köprü geçiyor?"),
]

UNDETERMINED = [
    "",
    "\n",
    "ok",
    "17 * 23 =",
    "???",
    "😀😀😀",
    "$x^2 + y^2 = z^2$",
    "\\[\\int_0^1 x \\, dx = \\frac{1}{2}\\]",
    "$$\\sum_{k=1}^{n} k = \\frac{n(n+1)}{2}$$",
    "```\nfor word in words:\n    print(word)\n```",
    "x = [1, 2, 3]\nprint(sum(x))",
    "for (i = 0; i < n; i++) total += price[i];",
    '{"id": 7, "tags": ["red", "green"]}',
    '<div class="row"><img src="a.png"></div>',
    "https://example.org/how-to-bake-bread-at-home",
]


@pytest.mark.parametrize(("language", "prompt"), PROMPTS)
def test_a_prompt_is_in_the_language_of_its_prose(language: str, prompt: str) -> None:
    assert detect(prompt) == language


@pytest.mark.parametrize("text", UNDETERMINED)
def test_code_formulas_links_and_a_word_or_two_are_undetermined(text: str) -> None:
    assert detect(text) == "und"


def test_every_thread_gives_the_same_languages() -> None:
    texts = [prompt for _, prompt in PROMPTS] * 20 + UNDETERMINED
    alone = [detect(text) for text in texts]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(detect, texts)) == alone
    assert set(alone) <= known_languages()


def test_only_the_head_of_a_long_text_counts() -> None:
    head = "Wie viele Brücken führen über den Fluss? ".ljust(HEAD_CHARS, ".")
    assert detect(head + "How many bridges are there? " * 1_000_000) == "de"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA intermediate")
        connection.execute(
            "CREATE TABLE intermediate.int_sft_merged (all_prompt_id BIGINT, text_key VARCHAR, prompt VARCHAR)"
        )
    _add(path, [(0, "a", PROMPTS[0][1]), (1, "b", PROMPTS[3][1]), (2, "a", PROMPTS[0][1]), (3, "c", "17 * 23 =")])
    return path


def _add(path: Path, rows: list[tuple[int, str, str]]) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.executemany("INSERT INTO intermediate.int_sft_merged VALUES (?, ?, ?)", rows)


def _told(path: Path) -> list[tuple[str, str]]:
    with duckdb.connect(str(path)) as connection:
        return connection.sql("SELECT text_key, language FROM ml.sft_languages ORDER BY ALL").fetchall()


def _ignore(done: int, total: int) -> None:
    pass


def _noted(looked_at: list[str], head: str) -> str:
    looked_at.append(head)
    return detect(head)


@pytest.mark.parametrize("slice_rows", [1, 100])
def test_each_text_is_looked_at_once(database: Path, monkeypatch: pytest.MonkeyPatch, slice_rows: int) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr(table, "SLICE_ROWS", slice_rows)
    monkeypatch.setattr(table, "detect", lambda head: _noted(looked_at, head))
    assert table.detect_missing(database, "sft", _ignore) == 3
    assert _told(database) == [("a", "en"), ("b", "zh"), ("c", "und")]
    assert len(looked_at) == 3

    _add(database, [(4, "b", PROMPTS[3][1]), (5, "d", PROMPTS[6][1])])
    assert table.detect_missing(database, "sft", _ignore) == 1
    assert looked_at[3:] == [PROMPTS[6][1]]
    assert _told(database) == [("a", "en"), ("b", "zh"), ("c", "und"), ("d", "de")]
    assert table.detect_missing(database, "sft", _ignore) == 0


def test_texts_that_are_gone_have_no_language(database: Path) -> None:
    table.detect_missing(database, "sft", _ignore)
    with duckdb.connect(str(database)) as connection:
        connection.execute("DELETE FROM intermediate.int_sft_merged WHERE all_prompt_id IN (1, 2)")
    assert table.detect_missing(database, "sft", _ignore) == 0
    assert _told(database) == [("a", "en"), ("c", "und")]


def test_a_run_that_was_broken_off_goes_on_where_it_was(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(head: str) -> str:
        if head.startswith("17"):
            raise KeyboardInterrupt
        return detect(head)

    monkeypatch.setattr(table, "SLICE_ROWS", 1)
    monkeypatch.setattr(table, "detect", broken)
    with pytest.raises(KeyboardInterrupt):
        table.detect_missing(database, "sft", _ignore)
    assert _told(database) == [("a", "en"), ("b", "zh")]
    monkeypatch.setattr(table, "detect", detect)
    assert table.detect_missing(database, "sft", _ignore) == 1


def test_another_detector_tells_all_languages_anew(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "detector_name", lambda: "an older one")
    table.detect_missing(database, "sft", _ignore)
    monkeypatch.undo()
    assert table.detect_missing(database, "sft", _ignore) == 3
    assert _told(database) == [("a", "en"), ("b", "zh"), ("c", "und")]
