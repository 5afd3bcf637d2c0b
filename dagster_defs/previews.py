"""Row counts and the first rows of a table, as asset metadata."""

import base64
import re
from functools import lru_cache
from typing import Any

import dagster as dg
import duckdb
import yaml

from python_assets.sources.registry import DBT_PROJECT_DIR, TYPES
from python_assets.warehouse import quote

PREVIEW_ROWS = 5
PREVIEW_CHARS = 80
_MARKUP = re.compile(r"[\\|\[\]*`~$]")


# To count a unified view itself, DuckDB reads every text of it.
_COUNTED_AS = {f"unified_{type_name}": f"intermediate.int_{type_name}_survivors WHERE is_kept" for type_name in TYPES}
_RAW_COLUMNS = {
    "_row": "Place of the row in the dataset's files, from 0",
    "_file": "The file it comes from",
    "_record": "The record's exact text, of a JSON source",
    "_error": "Why the record cannot be read",
    "_absent": "Columns that its file does not have",
}


@lru_cache
def _declared_columns(schema: str) -> dict[str, dict[str, str | None]]:
    """Descriptions of the columns that Python's tables are declared with, by table."""
    file = DBT_PROJECT_DIR / "models" / "staging" / schema / f"_{schema}__sources.yml"
    if not file.exists():
        return {}
    sources = yaml.safe_load(file.read_text(encoding="utf-8"))["sources"]
    return {
        table["name"]: {column["name"]: column.get("description") for column in table["columns"]}
        for source in sources
        if source.get("schema", source["name"]) == schema
        for table in source["tables"]
    }


def relation_metadata(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> dict[str, Any]:
    """Return the row count, the columns and a preview of a table or view."""
    name = f"{quote(schema)}.{quote(table)}"
    count = connection.sql(f"SELECT count(*) FROM {_COUNTED_AS.get(table, name)}").fetchall()[0][0]
    head = connection.sql(f"SELECT * FROM {name} LIMIT {PREVIEW_ROWS}")
    comments = connection.execute(
        "SELECT column_name, comment FROM duckdb_columns() WHERE schema_name = ? AND table_name = ?",
        [schema, table],
    ).fetchall()
    declared = _RAW_COLUMNS if schema == "raw" else _declared_columns(schema).get(table, {})
    descriptions = {column: comment or declared.get(column) for column, comment in comments}
    return {
        "dagster/row_count": count,
        "dagster/column_schema": dg.TableSchema(
            [
                dg.TableColumn(column, str(data_type), descriptions.get(column))
                for column, data_type in zip(head.columns, head.types, strict=True)
            ]
        ),
        "preview": dg.MetadataValue.md(markdown_table(head.columns, head.fetchall())),
    }


def markdown_table(columns: list[str], rows: list[tuple[Any, ...]]) -> str:
    """Return rows as a table in Markdown, each value in one short line and nothing of it read as markup."""
    lines = [columns, ["---"] * len(columns), *([_cell(value) for value in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: Any) -> str:
    text = " ".join(str(value).split())
    shown = text if len(text) <= PREVIEW_CHARS else text[:PREVIEW_CHARS] + "…"
    return _MARKUP.sub(r"\\\g<0>", shown).replace("<", "&lt;")


def image(png: bytes) -> dg.MarkdownMetadataValue:
    """Return a picture as metadata that the UI shows."""
    encoded = base64.b64encode(png).decode("ascii")
    return dg.MetadataValue.md(f"![picture](data:image/png;base64,{encoded})")
