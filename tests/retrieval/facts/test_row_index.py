"""The derived index of names: it follows the database and can be lost at any time."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from retrieval.facts.lookup import FactLookup
from retrieval.facts.row_index import RowIndex
from tests.retrieval.facts.grids import PRICES, Lane, grid_of

if TYPE_CHECKING:
    from pathlib import Path


def found(lane: Lane, name: str) -> list[str]:
    lane.index.catch_up()
    rows = lane.store.rows([hit.row_id for hit in lane.index.search(name)])
    return sorted({row.cells[0] for row in rows.values()})


def test_it_follows_documents_in_and_out(lane: Lane) -> None:
    key = lane.put("价格.xlsx", grid_of(PRICES))
    assert "墨盒" in found(lane, "墨盒")
    lane.knowledge.delete_document(key)
    assert found(lane, "墨盒") == []


def test_it_is_built_anew_where_it_is_missing_or_damaged(lane: Lane, tmp_path: Path) -> None:
    lane.put("价格.xlsx", grid_of(PRICES))
    assert found(lane, "墨盒")
    for damage in (_remove, _garble, _forget):
        damage(tmp_path / "rows")
        again = RowIndex(tmp_path / "rows", lane.store)
        assert FactLookup(lane.store, again).query("墨盒的库存").facts[0].value == "500"


def _remove(folder: Path) -> None:
    shutil.rmtree(folder)


def _garble(folder: Path) -> None:
    (folder / "tantivy" / "meta.json").write_text("{", encoding="utf-8")


def _forget(folder: Path) -> None:
    (folder / "manifest.json").write_text("[]", encoding="utf-8")


def test_a_flipped_bit_is_noticed_and_the_index_made_anew(lane: Lane, tmp_path: Path) -> None:
    lane.put("支行.csv", grid_of([["支行", "联行号"], *([f"第{n}支行", f"{n:012}"] for n in range(60))]))
    lane.index.catch_up()
    wanted = hits(lane.index)
    assert wanted
    written = tmp_path / "rows" / "tantivy"
    for path in [path for path in written.iterdir() if path.suffix in SEGMENTS]:
        for part in (4, 2, 1):
            folder = tmp_path / f"{path.name}-{part}"
            shutil.copytree(tmp_path / "rows", folder)
            _flip(folder / "tantivy" / path.name, part)
            again = RowIndex(folder, lane.store)
            again.catch_up()
            assert hits(again) == wanted, (path.name, part)


SEGMENTS = {".store", ".idx", ".term", ".fieldnorm", ".fast", ".pos"}


def hits(index: RowIndex) -> set[tuple[int, str]]:
    return {(hit.row_id, hit.name.chars) for hit in index.search("第7支行")}


def _flip(path: Path, part: int) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // (part + 1)] ^= 1
    path.write_bytes(bytes(content))


def test_two_processes_share_the_folder(lane: Lane, tmp_path: Path) -> None:
    lane.put("价格.xlsx", grid_of(PRICES))
    other = RowIndex(tmp_path / "rows", lane.store)
    assert lane.index.catch_up() == other.catch_up()
    lane.put("更多.xlsx", grid_of([["名称", "单价"], ["扫描仪", "3499"], ["碎纸机", "800"]]))
    other.catch_up()
    lane.index.catch_up()
    assert (
        {hit.row_id for hit in lane.index.search("扫描仪")}
        == {hit.row_id for hit in other.search("扫描仪")}
        != set()
    )


def test_an_index_newer_than_the_database_is_not_believed(lane: Lane, tmp_path: Path) -> None:
    lane.put("价格.xlsx", grid_of(PRICES))
    lane.index.catch_up()
    (tmp_path / "rows" / "manifest.json").write_text('{"format": 2, "change": 99}', encoding="utf-8")
    again = RowIndex(tmp_path / "rows", lane.store)
    assert again.catch_up() == lane.store.latest_change()
    assert again.search("墨盒")


def test_one_in_memory_does_the_same(lane: Lane) -> None:
    lane.put("价格.xlsx", grid_of(PRICES))
    index = RowIndex(None, lane.store)
    index.catch_up()
    assert index.search("喷墨打印机")
    assert index.search("喷墨打印机", tables=[]) == []
    assert index.same("喷墨打印机", tables=[10_000]) == []


def test_summary_rows_are_not_names(lane: Lane) -> None:
    lane.put("价格.xlsx", grid_of(PRICES))
    assert "合计" not in found(lane, "合计")
