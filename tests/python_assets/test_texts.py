from __future__ import annotations

from pathlib import Path

import duckdb

from python_assets.texts import WarehouseTexts


def test_texts_come_in_order_of_their_keys_and_from_other_types_where_this_one_lacks_them(tmp_path: Path) -> None:
    database = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE SCHEMA intermediate")
        for type_name, rows in (("sft", "('a', 'one'), ('b', 'three')"), ("cot", "('c', 'eleven'), ('a', 'one')")):
            connection.execute(
                f"CREATE TABLE intermediate.int_{type_name}_texts AS FROM (VALUES {rows}) AS t(text_key, text)"
            )
    texts = WarehouseTexts(database, "sft")
    assert texts.read(["c", "b", "a"]) == ["eleven", "three", "one"]
    assert texts.lengths(["b", "gone", "c"]) == [5, -1, 6]
    assert texts.lengths([]) == []
