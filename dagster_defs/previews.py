"""Row counts and the first rows of a table, as asset metadata."""

import base64
from typing import Any

import dagster as dg
import duckdb

from python_assets.warehouse import quote

PREVIEW_ROWS = 5
PREVIEW_CHARS = 80


def relation_metadata(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> dict[str, Any]:
    """Return the row count, the columns and a preview of a table or view."""
    name = f"{quote(schema)}.{quote(table)}"
    count = connection.sql(f"SELECT count(*) FROM {name}").fetchall()[0][0]
    head = connection.sql(f"SELECT * FROM {name} LIMIT {PREVIEW_ROWS}")
    descriptions = dict(
        connection.execute(
            "SELECT column_name, comment FROM duckdb_columns() WHERE schema_name = ? AND table_name = ?",
            [schema, table],
        ).fetchall()
    )
    return {
        "dagster/row_count": count,
        "dagster/column_schema": dg.TableSchema(
            [
                dg.TableColumn(column, str(data_type), descriptions.get(column))
                for column, data_type in zip(head.columns, head.types, strict=True)
            ]
        ),
        "preview": dg.MetadataValue.md(_markdown(head.columns, head.fetchall())),
    }


def _markdown(columns: list[str], rows: list[tuple[Any, ...]]) -> str:
    lines = [columns, ["---"] * len(columns), *([_cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: Any) -> str:
    text = " ".join(str(value).split()).replace("|", "\\|").replace("<", "&lt;")
    return text if len(text) <= PREVIEW_CHARS else text[:PREVIEW_CHARS] + "…"


def image(png: bytes) -> dg.MarkdownMetadataValue:
    """Return a picture as metadata that the UI shows."""
    encoded = base64.b64encode(png).decode("ascii")
    return dg.MetadataValue.md(f"![picture](data:image/png;base64,{encoded})")
