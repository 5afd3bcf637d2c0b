"""Which prompts hold a benchmark item, as the review page shows them."""

from __future__ import annotations

from python_assets.exports.review.queries import Record, TypeQueries

PAIRS_PER_END = 50
MATCHING_CHARS = 400

# The order in which methods are named.
_METHOD_ORDER = "list_position(['exact', 'ngram_8', 'ngram_13', 'embedding'], method)"
_TABLES = ("marts.contamination", "ml.benchmark_items")


class BenchmarkTables(TypeQueries):
    """The pairs of a benchmark item and a prompt of one type.

    Notes
    -----
    Rows of the same prompt are one pair, shown as its kept row, else that of the lowest id, with their number. Of each
    benchmark and method the pairs with the highest and with the lowest scores are gathered once, in a temporary table.
    """

    def gather(self) -> bool:
        """Gather the pairs to show; tell whether there are any. A warehouse may lack the tables."""
        query = "SELECT count(*) AS n FROM information_schema.tables WHERE table_schema || '.' || table_name IN $tables"
        if self._record(query, tables=list(_TABLES))["n"] < len(_TABLES):
            return False
        if not self._record("SELECT count(*) AS n FROM marts.contamination WHERE type = $type")["n"]:
            return False
        self._gather_pairs()
        self._gather_shown()
        return True

    def counts(self) -> list[Record]:
        """Return how many pairs there are, and of how many the row was removed.

        Returns
        -------
        list of Record
            One record per benchmark and method, and for all benchmarks, all methods and both, which are None there.
        """
        return self._records(
            f"""
            WITH pairs AS (
                SELECT benchmark, method, hash(benchmark, item, prompt_key) AS pair, is_kept
                FROM review_benchmark_pairs
            )
            SELECT benchmark, method, count(DISTINCT pair) AS pairs,
                count(DISTINCT pair) FILTER (NOT is_kept) AS removed
            FROM pairs
            GROUP BY CUBE (benchmark, method)
            ORDER BY benchmark NULLS FIRST, method IS NOT NULL, min({_METHOD_ORDER})
            """
        )

    def chars_shown(self, limit: int) -> int:
        """Return how many characters the pairs' texts have, each cut at `limit`."""
        query = """
            SELECT coalesce(sum(least(prompt_chars, $limit) + least(item_chars, $limit)), 0) AS n
            FROM review_benchmark_shown
            """
        return int(self._record(query, limit=limit)["n"])

    def pairs(self, limit: int) -> list[Record]:
        """Return the gathered pairs, best scores first, texts cut at `limit` characters.

        Returns
        -------
        list of Record
            `methods` lists what found the pair: method, score, distance (None but for `embedding`), and `is_listed`,
            whether the pair is among those with the highest or lowest scores of that method. `matching_text` is
            there only where the prompt was cut.
        """
        return self._records(
            f"""
            SELECT
                shown.benchmark, shown.item, shown.is_kept, shown.n_rows, shown.methods,
                {{
                    id: shown.row.all_prompt_id, source: shown.row.source_prompt_id, dataset: shown.row.dataset,
                    text: left(prompts.prompt, $limit), chars: shown.prompt_chars
                }} AS prompt,
                {{text: coalesce(left(items.text, $limit), ''), chars: shown.item_chars}} AS item_text,
                CASE WHEN shown.prompt_chars > $limit THEN left(shown.matching_text, {MATCHING_CHARS}) END
                    AS matching_text
            FROM review_benchmark_shown AS shown
            INNER JOIN intermediate.int_{self._type}_merged AS prompts
                ON shown.row.all_prompt_id = prompts.all_prompt_id
            LEFT JOIN ml.benchmark_items AS items USING (benchmark, item)
            ORDER BY list_max(list_transform(methods, lambda found: found.score)) DESC, benchmark, item,
                shown.row.all_prompt_id
            """,
            limit=limit,
        )

    def _gather_pairs(self) -> None:
        self._run(
            f"""
            CREATE OR REPLACE TEMP TABLE review_benchmark_pairs AS
            WITH prompts AS (
                SELECT all_prompt_id, md5(prompt) AS prompt_key, length(prompt) AS prompt_chars
                FROM intermediate.int_{self._type}_merged
                SEMI JOIN (FROM marts.contamination WHERE type = $type) USING (all_prompt_id)
            )
            SELECT
                benchmark, item, prompt_key, method,
                max(score) AS score,
                min(distance) AS distance,
                min(matching_text) AS matching_text,
                bool_or(is_kept) AS is_kept,
                count(*) AS n_rows,
                any_value(prompt_chars) AS prompt_chars,
                arg_min(
                    struct_pack(all_prompt_id, source_prompt_id, dataset), (NOT is_kept, all_prompt_id)
                ) AS row
            FROM marts.contamination INNER JOIN prompts USING (all_prompt_id)
            WHERE type = $type
            GROUP BY benchmark, item, prompt_key, method
            """
        )

    def _gather_shown(self) -> None:
        self._run(
            f"""
            CREATE OR REPLACE TEMP TABLE review_benchmark_shown AS
            WITH ranked AS (
                SELECT
                    *,
                    row_number() OVER (
                        PARTITION BY benchmark, method ORDER BY score DESC, distance, item, row.all_prompt_id
                    ) AS place,
                    count(*) OVER (PARTITION BY benchmark, method) AS n
                FROM review_benchmark_pairs
            ),
            listed AS (
                SELECT *, place <= {PAIRS_PER_END} OR place > n - {PAIRS_PER_END} AS is_listed FROM ranked
            )
            SELECT
                benchmark, item, arg_min(row, (NOT is_kept, row.all_prompt_id)) AS row, bool_or(is_kept) AS is_kept,
                max(n_rows) AS n_rows, any_value(prompt_chars) AS prompt_chars,
                coalesce(any_value(length(items.text)), 0) AS item_chars,
                arg_max(matching_text, length(matching_text)) AS matching_text,
                list(struct_pack(method, score, distance, is_listed) ORDER BY {_METHOD_ORDER}) AS methods
            FROM listed LEFT JOIN ml.benchmark_items AS items USING (benchmark, item)
            GROUP BY benchmark, item, prompt_key
            HAVING bool_or(is_listed)
            """
        )
