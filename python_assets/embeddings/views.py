"""The store of vectors as views of the warehouse."""

from __future__ import annotations

import duckdb

from python_assets.embeddings.shards import SCHEMA
from python_assets.embeddings.store import EmbeddingStore
from python_assets.warehouse import replace_view


def create_views(connection: duckdb.DuckDBPyConnection, type_name: str, store: EmbeddingStore) -> None:
    """Show a store as ``ml.embeddings``, and a type's part of it as ``ml.<type>_embeddings``."""
    files = ", ".join("'" + str(shard).replace("'", "''") + "'" for shard in store.shards().values())
    empty = ", ".join(f"NULL::{data_type} AS {column}" for column, data_type in SCHEMA.items())
    source = f"SELECT * FROM read_parquet([{files}])" if files else f"SELECT {empty} WHERE false"
    replace_view(connection, "ml", "embeddings", source)
    replace_view(
        connection,
        "ml",
        f"{type_name}_embeddings",
        f"SELECT * FROM ({source}) SEMI JOIN intermediate.int_{type_name}_texts USING (text_key)",
    )
