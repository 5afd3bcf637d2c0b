"""What the review page shows, read from the warehouse."""

from __future__ import annotations

from collections.abc import Iterator

from python_assets.exports.review.queries import Record, TypeQueries

PAIRS_PER_SIDE = 100
PAIR_CHARS = 8_000
MEMBERS_PER_CLUSTER = 1_000
LEAD_CHARS = 240
_CLUSTERS_PER_SLICE = 20

_TOTALS = ("raw_rows", "quarantined", "exact_duplicates", "semantic_duplicates", "filtered", "kept", "not_comparable")
_SETTINGS = ("eps", "min_samples", "metric", "model")


class ReviewTables(TypeQueries):
    """The tables of one type, as the page needs them.

    Notes
    -----
    The members to show are gathered once, in temporary tables, their texts already cut and each but once. A text is
    the one that was compared: the prompt, with its solution where the settings say so.
    """

    def settings(self) -> Record:
        """Return the settings of the run and what it removed; settings are None where nothing was compared."""
        values = ", ".join(f"any_value({name}) AS {name}" for name in _SETTINGS)
        sums = ", ".join(f"coalesce(sum({name}), 0)::BIGINT AS {name}" for name in _TOTALS)
        return self._record(
            f"""
            SELECT
                {values}, {sums},
                (SELECT any_value(survivor_policy) FROM marts.duplicate_pairs WHERE type = $type) AS survivor_policy,
                (SELECT any_value(eps_max) FROM ml.{self._type}_forest_points) AS eps_max
            FROM marts.dedup_summary WHERE type = $type
            """
        )

    def sweep(self) -> Record:
        """Return the sweep by columns, in order of eps."""
        return self._columns(
            """
            SELECT eps, removed, largest_cluster, clusters, noise FROM marts.eps_sweep
            WHERE type = $type ORDER BY eps
            """
        )

    def gather_members(self) -> None:
        """Gather the members to show: of each cluster the survivor, then the farthest."""
        self._run(
            f"""
            CREATE OR REPLACE TEMP TABLE review_members AS
            WITH members AS (
                SELECT
                    c.cluster_rank, c.all_prompt_id, c.source_prompt_id, c.dataset, c.is_kept,
                    c.distance_to_survivor AS distance,
                    s.text_key,
                    row_number() OVER (
                        PARTITION BY c.cluster_rank
                        ORDER BY
                            c.is_kept AND c.distance_to_survivor = 0 DESC,
                            c.distance_to_survivor DESC,
                            c.all_prompt_id
                    ) - 1 AS place
                FROM marts.top_clusters AS c
                INNER JOIN intermediate.int_{self._type}_survivors AS s USING (all_prompt_id)
                WHERE c.type = $type
                QUALIFY place <= {MEMBERS_PER_CLUSTER}
            ),
            lengths AS (
                SELECT text_key, length(text) AS chars
                FROM intermediate.int_{self._type}_texts SEMI JOIN members USING (text_key)
            )
            SELECT members.*, lengths.chars FROM members INNER JOIN lengths USING (text_key)
            """
        )

    def gather_texts(self, limit: int) -> None:
        """Gather the texts of the members to show, cut at `limit` characters."""
        self._run(
            f"""
            CREATE OR REPLACE TEMP TABLE review_texts AS
            SELECT text_key, left(text, {limit}) AS text
            FROM intermediate.int_{self._type}_texts SEMI JOIN review_members USING (text_key)
            """
        )

    def chars_shown(self, limit: int) -> int:
        """Return how many characters the members' texts have, each cut at `limit`."""
        return int(self._record(f"SELECT coalesce(sum(least(chars, {limit})), 0) AS n FROM review_members")["n"])

    def clusters(self) -> list[Record]:
        """Return the clusters in order of their ranks, without their members."""
        return self._records(
            f"""
            WITH clusters AS (
                SELECT
                    cluster_rank AS rank,
                    any_value(cluster_id) AS cluster_id,
                    any_value(n_cluster_members) AS size,
                    round(any_value(widest_distance), 6) AS widest,
                    list_sort(list(DISTINCT dataset)) AS datasets
                FROM marts.top_clusters WHERE type = $type GROUP BY cluster_rank
            )
            SELECT clusters.*, left(text, {LEAD_CHARS}) AS lead
            FROM clusters
            INNER JOIN review_members ON rank = cluster_rank AND place = 0
            INNER JOIN review_texts USING (text_key)
            ORDER BY rank
            """
        )

    def members(self, limit: int) -> Iterator[tuple[int, Record]]:
        """Yield each cluster's rank and its members by columns, texts cut at `limit` characters.

        Notes
        -----
        Memory is that of 20 clusters.
        """
        last = self._record("SELECT coalesce(max(cluster_rank), 0) AS last FROM review_members")["last"]
        for start in range(1, last + 1, _CLUSTERS_PER_SLICE):
            yield from self._connection.execute(
                f"""
                SELECT cluster_rank, {{
                    ids: list(all_prompt_id ORDER BY place),
                    sources: list(source_prompt_id ORDER BY place),
                    datasets: list(dataset ORDER BY place),
                    kept: list(is_kept ORDER BY place),
                    distances: list(round(distance, 6) ORDER BY place),
                    texts: list(left(text, {limit}) ORDER BY place),
                    chars: list(chars ORDER BY place)
                }}
                FROM review_members INNER JOIN review_texts USING (text_key)
                WHERE cluster_rank BETWEEN $first AND $last
                GROUP BY cluster_rank ORDER BY cluster_rank
                """,
                {"first": start, "last": start + _CLUSTERS_PER_SLICE - 1},
            ).fetchall()

    def n_pairs(self, radius: float) -> tuple[int, int]:
        """Return how many edges the forest has within a Euclidean eps, and beyond it."""
        inside, outside = self._connection.execute(
            f"""
            SELECT count(*) FILTER (squared_distance <= $limit), count(*) FILTER (squared_distance > $limit)
            FROM ml.{self._type}_forest
            """,
            {"limit": radius * radius},
        ).fetchall()[0]
        return inside, outside

    def pairs(self, radius: float, min_samples: int, *, inside: bool) -> list[Record]:
        """Return the edges of the forest that are nearest to eps on one side of it, nearest first.

        Parameters
        ----------
        radius : float
            eps as a Euclidean distance.
        min_samples : int
            Above 1 the forest's weights are mutual reachabilities; the pair's own distance is then computed.
        inside : bool
            Those within eps, else those beyond.
        """
        side, order = ("<=", "DESC") if inside else (">", "ASC")
        self._run(
            f"""
            CREATE OR REPLACE TEMP TABLE review_edges AS
            SELECT text_key_a, text_key_b, squared_distance, distance FROM ml.{self._type}_forest
            WHERE squared_distance {side} $limit
            ORDER BY squared_distance {order}, text_key_a, text_key_b LIMIT {PAIRS_PER_SIDE}
            """,
            limit=radius * radius,
        )
        return self._records(
            f"""
            WITH keys AS (
                SELECT text_key_a AS text_key FROM review_edges UNION SELECT text_key_b FROM review_edges
            ),
            rows AS (
                SELECT
                    text_key,
                    any_value(cluster_id) AS cluster_id,
                    min_by(struct_pack(all_prompt_id, source_prompt_id, dataset), all_prompt_id) AS row
                FROM intermediate.int_{self._type}_survivors SEMI JOIN keys USING (text_key) GROUP BY text_key
            ),
            texts AS (
                SELECT text_key, left(text, {PAIR_CHARS}) AS text, length(text) AS chars
                FROM intermediate.int_{self._type}_texts SEMI JOIN keys USING (text_key)
            ),
            sides AS (
                SELECT rows.text_key, rows.cluster_id, {{
                    id: rows.row.all_prompt_id, source: rows.row.source_prompt_id, dataset: rows.row.dataset,
                    key: rows.text_key[:16], text: texts.text, chars: texts.chars
                }} AS side
                FROM rows INNER JOIN texts USING (text_key)
            )
            SELECT
                round({"o.distance" if min_samples > 1 else "e.distance"}, 6) AS distance,
                {"round(e.distance, 6)" if min_samples > 1 else "NULL"} AS reachability,
                a.cluster_id = b.cluster_id AND a.cluster_id >= 0 AS is_one_cluster,
                CASE WHEN a.side.id < b.side.id THEN a.side ELSE b.side END AS one,
                CASE WHEN a.side.id < b.side.id THEN b.side ELSE a.side END AS other
            FROM review_edges AS e
            INNER JOIN sides AS a ON e.text_key_a = a.text_key
            INNER JOIN sides AS b ON e.text_key_b = b.text_key
            {self._own_distances() if min_samples > 1 else ""}
            ORDER BY e.squared_distance {order}, e.text_key_a, e.text_key_b
            """
        )

    def _own_distances(self) -> str:
        return f"""
            INNER JOIN (
                SELECT
                    e.text_key_a, e.text_key_b,
                    list_distance(a.embedding::DOUBLE[], b.embedding::DOUBLE[]) AS distance
                FROM review_edges AS e
                INNER JOIN ml.{self._type}_embeddings AS a ON e.text_key_a = a.text_key
                INNER JOIN ml.{self._type}_embeddings AS b ON e.text_key_b = b.text_key
            ) AS o ON e.text_key_a = o.text_key_a AND e.text_key_b = o.text_key_b
            """
