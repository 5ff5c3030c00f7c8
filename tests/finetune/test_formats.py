"""Training data in and out: every format, and every bad line by its number."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.errors import TrainingDataError
from finetune.formats import convert, read_samples, scan, text_of, write_samples
from finetune.types import Sample

WORDS = st.text(alphabet=st.characters(blacklist_categories=("Cs",)), max_size=30)
SAMPLES = st.lists(
    st.builds(
        Sample,
        instruction=WORDS,
        output=WORDS,
        input=WORDS,
        kind=st.sampled_from(["choice", "general", "other"]),
        term=WORDS,
        candidates=st.lists(WORDS, max_size=3).map(tuple),
        split=st.sampled_from(["train", "held_out"]),
    ),
    max_size=6,
)


@settings(deadline=None)
@given(samples=SAMPLES, ending=st.sampled_from([".jsonl", ".json"]))
def test_what_is_written_in_full_reads_back_equal(
    tmp_path_factory: pytest.TempPathFactory, samples: list[Sample], ending: str
) -> None:
    file = tmp_path_factory.getbasetemp() / f"samples{ending}"
    write_samples(file, samples, "full")
    assert read_samples(file) == samples


@settings(deadline=None)
@given(samples=SAMPLES)
def test_alpaca_keeps_the_three_texts(tmp_path_factory: pytest.TempPathFactory, samples: list[Sample]) -> None:
    file = tmp_path_factory.getbasetemp() / "alpaca.jsonl"
    write_samples(file, samples)
    for line, sample in zip(file.read_text("utf-8").split("\n"), samples, strict=False):
        assert set(json.loads(line)) == {"instruction", "input", "output"}
        assert json.loads(line)["output"] == sample.output


@settings(deadline=None)
@given(texts=st.lists(WORDS.filter(lambda text: bool(text.strip())), max_size=5))
def test_txt_reads_back_equal_or_refuses(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    file = tmp_path_factory.getbasetemp() / "texts.txt"
    samples = [Sample("", text) for text in texts]
    refused = False
    try:
        write_samples(file, samples)
    except TrainingDataError:
        refused = True
    assert refused or [text_of(each) for each in read_samples(file)] == texts
    # What everyone writes is taken.
    plain = all(
        "\n" not in text and text == text.strip() and text[0].isalpha() and text.isprintable() for text in texts
    )
    assert not (refused and plain)


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".txt"])
def test_plain_texts(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"texts{ending}"
    write_samples(file, [Sample("", "客户经理负责售后。"), Sample("", "两行\n文字")], "text")
    read = read_samples(file)
    assert [each.output for each in read] == ["客户经理负责售后。", "两行\n文字"]
    assert all(each.is_text and each.messages() == [] for each in read)


@pytest.mark.parametrize(
    ("name", "content", "texts"),
    [
        ("a.json", '[{"text": "甲"}, {"text": "乙"}]', ["甲", "乙"]),
        ("a.jsonl", '{"text": "甲"}\n\n{"text": "乙"}\n', ["甲", "乙"]),
        ("a.txt", '[{"text": "甲"},\n {"text": "乙"}]', ["甲", "乙"]),
        ("a.txt", '{"text": "甲"}\n{"text": "乙"}', ["甲", "乙"]),
        ("a.txt", "甲\n乙\n", ["甲", "乙"]),
        ("a.txt", "甲一\n甲二\n\n乙\n", ["甲一\n甲二", "乙"]),
        ("a.txt", "[注] 甲\n乙", ["[注] 甲", "乙"]),
        ("a.txt", "\ufeff甲\r\n乙\r\n", ["甲", "乙"]),
        ("a.json", "[]", []),
    ],
)
def test_the_shapes_of_the_contract(tmp_path: Path, name: str, content: str, texts: list[str]) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8", newline="")
    assert [each.output for each in read_samples(tmp_path / name)] == texts


def test_an_alpaca_row_stays_one_in_full(tmp_path: Path) -> None:
    write_samples(tmp_path / "a.jsonl", [Sample("问", "答"), Sample("", "一段文字")], "full")
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert rows == [{"instruction": "问", "input": "", "output": "答"}, {"text": "一段文字"}]


def test_alpaca_with_and_without_input(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(
        '{"instruction": "问", "output": "答"}\n{"instruction": "问", "input": "文", "output": "答"}\n'
    )
    first, second = read_samples(file)
    assert first.messages() == [{"role": "user", "content": "问"}]
    assert second.messages() == [{"role": "user", "content": "问\n文"}]


@pytest.mark.parametrize(
    ("name", "content", "line", "told"),
    [
        ("a.jsonl", '{"instruction": "a", "output": "b"}\n{"instruction": "a",\n', 2, "not JSON"),
        ("a.jsonl", '\n{"instruction": "a"}\n', 2, "lacks output"),
        ("a.jsonl", '{"output": "a"}\n', 1, "lacks instruction"),
        ("a.jsonl", "[1]\n", 1, "list"),
        ("a.jsonl", '{"instruction": 1, "output": "b"}\n', 1, "instruction is not a text"),
        ("a.jsonl", '{"text": 1}\n', 1, "text is not a text"),
        ("a.jsonl", '{"instruction": "a", "output": "b", "kind": "x"}\n', 1, "kind"),
        ("a.jsonl", '{"instruction": "a", "output": "b", "candidates": "x"}\n', 1, "candidates"),
        ("a.jsonl", '{"instruction": "a", "output": "b", "history": [["x", "y"]]}\n', 1, "earlier turns"),
        ("a.json", '[\n{"instruction": "a", "output": "b"},\n{"instruction": }\n]', 3, "not JSON"),
        ("a.json", '[\n{"instruction": "a", "output": "b"}\n{"instruction": "c", "output": "d"}]', 3, "comma"),
        ("a.json", '{"instruction": "a"}', 1, "list"),
        ("a.json", '[{"text": "a"}', 1, "bracket"),
        ("a.csv", "a,b", 0, ".jsonl"),
    ],
)
def test_bad_input_names_file_and_line(tmp_path: Path, name: str, content: str, line: int, told: str) -> None:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    with pytest.raises(TrainingDataError) as raised:
        read_samples(file)
    assert raised.value.file == file
    assert [at for at, reason in raised.value.problems if told in reason] == [line]
    assert (f"{file}:{line}" if line else str(file)) in str(raised.value)


def test_all_bad_lines_are_named_and_good_ones_read(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{\n{"instruction": "a", "output": "b"}\n}\n', encoding="utf-8")
    scanned = scan(file)
    assert [line for line, _ in scanned.problems] == [1, 3]
    assert [(row.line, row.row) for row in scanned.rows] == [(2, 0)]


def test_not_utf8_and_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes('{"text": "好"}\n'.encode() + "坏".encode("gbk"))
    assert scan(tmp_path / "a.jsonl").problems == ((2, "is not UTF-8 text"),)
    assert "cannot be read" in scan(tmp_path / "b.jsonl").problems[0][1]


def test_convert(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    write_samples(source, [Sample("问", "答", "文"), Sample("又问", "又答")])
    assert convert(source, tmp_path / "b.json") == 2
    assert read_samples(tmp_path / "b.json") == read_samples(source)
    convert(source, tmp_path / "c.txt", "text")
    assert (tmp_path / "c.txt").read_text("utf-8") == "问\n文\n答\n\n又问\n又答\n\n"
    with pytest.raises(TrainingDataError, match="text 1 cannot stand in TXT"):
        write_samples(tmp_path / "d.txt", [Sample("", "甲\n\n乙")])
    assert not (tmp_path / "d.txt").exists()
