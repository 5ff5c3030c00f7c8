"""The folder of an index: one writer, damage seen, and the old state kept until the new one is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from retrieval import keywords as keywords_module
from retrieval import tokens
from retrieval.errors import IndexBusyError
from retrieval.keywords import KeywordIndex
from retrieval.store import KnowledgeStore
from tests.retrieval.samples import document

if TYPE_CHECKING:
    from pathlib import Path


def test_a_held_lock_is_an_error_in_time(index: KeywordIndex, store: KnowledgeStore, tmp_path: Path) -> None:
    store.put_document(document("new.txt", ["全新的段落"]))
    with (
        FileLock(tmp_path / "keywords" / "writer.lock"),
        pytest.raises(IndexBusyError, match="another process"),
    ):
        index.catch_up(store, wait=0.1)
    assert index.search("全新", 1) == []
    index.catch_up(store)
    assert index.search("全新", 1)[0][0] == 10


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x40
    path.write_bytes(content)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in next(folder.glob("index-*")).iterdir() if not path.name.startswith("."))


@pytest.mark.parametrize("damage", ["flip", "truncate", "remove", "manifest", "no manifest", "other rules"])
def test_a_damaged_index_is_made_anew(
    index: KeywordIndex,
    store: KnowledgeStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: str,
) -> None:
    wanted = index.search("客户经理负责", 100)
    folder = tmp_path / "keywords"
    files = [path for path in _files(folder) if path.suffix in (".term", ".idx", ".fieldnorm")]
    for path in files:
        if damage == "flip":
            _flip(path)
        elif damage == "truncate":
            path.write_bytes(path.read_bytes()[:10])
        elif damage == "remove":
            path.unlink()
    if damage == "manifest":
        (folder / "manifest.json").write_text('{"format": 1, "tok')
    elif damage == "no manifest":
        (folder / "manifest.json").unlink()
    elif damage == "other rules":
        monkeypatch.setattr(tokens, "VERSION", tokens.VERSION + 1)
    again = KeywordIndex(folder)
    again.catch_up(store)
    assert [number for number, _ in again.search("客户经理负责", 100)] == [number for number, _ in wanted]
    assert len(list(folder.glob("index-*"))) == 1


def test_a_failure_while_writing_keeps_the_old_state(
    index: KeywordIndex, store: KnowledgeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put_document(document("new.txt", ["全新的段落"]))

    def fail(*_arguments: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(keywords_module, "entry_of", fail)
        with pytest.raises(RuntimeError, match="killed"):
            index.catch_up(store)
    assert KeywordIndex(tmp_path / "keywords").search("客户经理", 1)[0][0] in (1, 9)
    index.catch_up(store)
    assert index.search("全新", 1)[0][0] == 10
