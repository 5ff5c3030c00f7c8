"""A cleaned dataset version: a new one with its parent and what was done."""

from __future__ import annotations

from pathlib import Path

from finetune.curate import clean_version, inspect_version
from finetune.types import Sample, Split
from finetune.versions import add_version, read_samples, read_version, versions

SPLITS: dict[Split, list[Sample]] = {
    "train": [
        Sample("甲？", "一<|im_end|>"),
        Sample("乙？", "二"),
        Sample("乙？", "二"),
        Sample("", "一段文字。"),
    ],
    "validation": [Sample("丙？", "", split="validation")],
    "held_out": [Sample("丁？", "四", split="held_out")],
}


def test_a_cleaned_version_remembers(tmp_path: Path) -> None:
    parent = add_version(tmp_path, SPLITS, "built")
    findings = inspect_version(parent.path)
    assert [(each.kind, Path(each.file).name, each.line) for each in findings] == [
        ("leaked-token", "train.jsonl", 1),
        ("duplicate", "train.jsonl", 3),
        ("empty", "validation.jsonl", 1),
    ]
    curated = clean_version(parent.path, tmp_path, fix=["leaked-token"], remove=["duplicate", "empty"])
    assert curated.version.parent == parent.hash
    assert curated.version.counts == {"train": 3, "validation": 0, "held_out": 1}
    assert curated.version.changelog == ("built", "cleaned: 1 fixed, 2 removed")
    assert [each.output for each in read_samples(curated.version)["train"]] == ["一", "二", "一段文字。"]
    assert read_samples(curated.version)["train"][2].is_text
    assert versions(tmp_path) == [parent, curated.version]
    assert read_version(parent.path) == parent


def test_nothing_done_is_no_new_version(tmp_path: Path) -> None:
    parent = add_version(tmp_path, SPLITS, "built")
    curated = clean_version(parent.path, tmp_path)
    assert curated.version == parent
    assert len(curated.findings) == 3
