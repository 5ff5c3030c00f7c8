"""The gate: each kind of bad row is found with its line, and what is right passes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.collection import Collection, KnownDocument, collect
from finetune.dataset import build
from finetune.errors import TrainingDataError
from finetune.formats import read_samples, scan, write_samples
from finetune.quality import KINDS, clean, inspect
from finetune.types import DataFinding
from terminology.types import Sense

SENSES = (
    Sense("AM", "Account Manager", "客户经理", department="销售部"),
    Sense("AM", "Amplitude Modulation", "调幅", note="常用175 lpi"),
    Sense("T+1", "Transaction day plus one", "次一工作日"),
)
COLLECTION = collect(
    [
        KnownDocument("售后流程.docx", "产品售后流程"),
        KnownDocument("差旅住宿标准_2026版.docx"),
        KnownDocument("打样规范.pdf", pages=12),
        KnownDocument("培训手册.pdf", "培训管理手册", pages=40),
    ],
    [
        "日志写在rip01.txt里。登录 https://portal.example.com/login 提交，见《中华人民共和国劳动合同法》。",
        "青槐农商行的联行号是402535510938，2026年5月1日起执行，住宿上限1,200元，完成率95%。",
    ],
    SENSES,
)


def rows(tmp_path: Path, *values: Any, name: str = "data.jsonl") -> Path:
    file = tmp_path / name
    lines = [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in values]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def row(output: str, instruction: str = "请说明。", text: str = "", **more: Any) -> dict[str, Any]:
    return {"instruction": instruction, "input": text, "output": output, **more}


def found(tmp_path: Path, *values: Any, collection: Collection | None = COLLECTION) -> list[DataFinding]:
    return inspect([scan(rows(tmp_path, *values))], collection)


def kinds(findings: list[DataFinding]) -> list[tuple[str, int]]:
    return [(each.kind, each.line) for each in findings]


ONE_BAD_ROW: dict[str, tuple[str, dict[str, Any]]] = {
    "url": ("unknown-url", row("请访问 https://portal.example.com/refund 提交。")),
    "url without scheme": ("unknown-url", row("见www.nowhere.cn。")),
    "title": ("unknown-document", row("见《客户服务总则》。")),
    "title longer than a real one": ("unknown-document", row("见《售后流程补充规定》。")),
    "file": ("unknown-document", row("请参考退货流程.docx。")),
    "title in the question": ("unknown-document", row("是的。", "《不存在的制度》有效吗？")),
    "page beyond the document": ("page", row("见《打样规范》第13页。")),
    "page beyond all": ("page", row("在第99页。")),
    "page in Chinese numerals": ("page", row("见打样规范.pdf第三十页。")),
    "page zero": ("page", row("见《打样规范》第0页。")),
    "English page": ("page", row("See 打样规范.pdf, page 40.")),
    "range of pages": ("page", row("见《打样规范》第10-15页。")),
    "code": ("invented-value", row("联行号是313164400027。")),
    "amount": ("invented-value", row("上限是1500元。")),
    "date": ("invented-value", row("2025年5月1日起执行。")),
    "percentage": ("invented-value", row("完成率是96%。")),
    "empty answer": ("empty", row(" ")),
    "answer of signs": ("empty", row("……")),
    "null": ("empty", row("null")),
    "no question": ("empty", row("客户经理", "", " ")),
    "token": ("leaked-token", row("客户经理<|im_end|>")),
    "token of DeepSeek": ("leaked-token", row("客户经理<｜end▁of▁sentence｜>")),
    "token in the question": ("leaked-token", row("客户经理", "[INST]AM是什么？[/INST]")),
    "JSON": ("broken-json", row('{"term": "AM", "chinese": "客户经理"')),
    "JSON in a fence": ("broken-json", row('```json\n{"term": "AM",}\n```')),
    "history": ("history", row("好", history=[["你好", "您好"]])),
}


@pytest.mark.parametrize("name", ONE_BAD_ROW)
def test_each_bad_row_is_found_at_its_line(tmp_path: Path, name: str) -> None:
    kind, bad = ONE_BAD_ROW[name]
    findings = found(tmp_path, row("客户经理（Account Manager）", "AM是什么？"), bad)
    assert kinds(findings) == [(kind, 2)]
    assert findings[0].what_to_do
    assert str(findings[0]).startswith(f"{tmp_path / 'data.jsonl'}:2: {kind}: ")


@pytest.mark.parametrize(
    "good",
    [
        row("请登录https://portal.example.com/login。"),
        row("见http://portal.example.com/login/，再提交。"),
        row("首页是 https://portal.example.com"),
        row("见《售后流程》。"),
        row("见《产品售后流程》和《差旅住宿标准》。"),
        row("见《差旅住宿标准（2026年版）》。"),
        row("依据《中华人民共和国劳动合同法》。"),
        row("请参考售后流程.docx。"),
        row("请查看rip01.txt。"),
        row("见《打样规范》第12页，《培训管理手册》第40页。"),
        row("联行号是402535510938，2026-05-01起执行，上限1200元。"),
        row("加网线数是175 lpi。"),
        row("上限为1200.0元，完成率百分之九十五。"),
        row("编号是ZX-99871。", "ZX-99871是什么编号？"),
        row("步骤如下：\n1. 登录\n2. 提交"),
        row("次一工作日", "T+1是什么？"),
        row('{"term": "AM"}'),
        row("［注］如下"),
        row("[1] 客户经理"),
        row("无", "有例外吗？"),
        {"text": "客户经理负责售后。"},
        row("1912年，泰坦尼克号沉没。见《泰坦尼克号》第500页。", "何时沉没？", kind="general"),
    ],
)
def test_what_is_right_passes(tmp_path: Path, good: dict[str, Any]) -> None:
    assert found(tmp_path, good) == []


def test_a_page_of_a_document_without_pages_cannot_be_checked(tmp_path: Path) -> None:
    findings = found(tmp_path, row("见《售后流程》第3页。"))
    assert [(each.kind, each.severity) for each in findings] == [("page", "warning")]


def test_without_a_collection_only_the_form_is_checked(tmp_path: Path) -> None:
    assert found(tmp_path, row("见https://nowhere.cn第99页，共313164400027。"), collection=None) == []


def test_unreadable_lines(tmp_path: Path) -> None:
    findings = found(
        tmp_path, '{"instruction": "a", "output": ', row("客户经理"), '["x"]', '{"instruction": "a"}'
    )
    assert kinds(findings) == [("unreadable", 1), ("unreadable", 3), ("unreadable", 4)]


def test_duplicates_exact_and_alike(tmp_path: Path) -> None:
    findings = found(
        tmp_path,
        row("客户经理", "AM是什么？"),
        row("客户经理", "AM是什么？"),
        row("客户经理。", "am 是什么?"),
        row("客户经理", "ＡＭ是什么"),
        row("客户经理", "AM是谁？"),
    )
    assert kinds(findings) == [("duplicate", 2), ("like-duplicate", 3), ("like-duplicate", 4)]
    assert "line 1" in findings[0].problem


def test_contradictions(tmp_path: Path) -> None:
    findings = found(tmp_path, row("客户经理", "AM是什么？"), row("好", "可以吗？"), row("调幅", "AM是什么？"))
    assert kinds(findings) == [("contradiction", 1), ("contradiction", 3)]
    assert "line 3" in findings[0].problem


@pytest.mark.parametrize(
    "shown",
    [
        "候选：客户经理；调幅",
        "1. 客户经理\n2. 调幅",
        "缩略语：AM\n候选释义：\nA. 调幅\nB. 客户经理",
    ],
)
def test_several_senses_are_no_contradiction_where_the_candidates_are_shown(tmp_path: Path, shown: str) -> None:
    both = row("客户经理", "选出AM的含义。", shown), row("调幅", "选出AM的含义。", shown)
    assert found(tmp_path, *both) == []
    third = row("上午", "选出AM的含义。", shown)
    assert {each.kind for each in found(tmp_path, *both, third)} == {"contradiction"}


def test_yes_and_no_contradict_each_other(tmp_path: Path) -> None:
    question = "AM是客户经理吗？回答是或不是。"
    assert {each.kind for each in found(tmp_path, row("是", question), row("不是", question))} == {
        "contradiction"
    }


class TestSystemPrompt:
    ROLE = "你是一名专业的企业术语助手。请根据术语表回答。"

    def test_in_the_instruction(self, tmp_path: Path) -> None:
        file = rows(tmp_path, *(row("好", f"{self.ROLE}第{name}项是什么？") for name in "甲乙丙丁戊己"))
        scanned = scan(file)
        findings = inspect([scanned])
        assert kinds(findings) == [("system-prompt", 1)]
        assert "6 of 6" in findings[0].problem
        cleaned = clean([scanned], findings, fix=["system-prompt"])
        assert [each.instruction for each in cleaned.files[str(file)]] == [
            f"第{name}项是什么？" for name in "甲乙丙丁戊己"
        ]
        assert len(cleaned.done) == 6

    @pytest.mark.parametrize(
        "role",
        [
            "You are a helpful assistant. ",
            "作为公司的术语助手，请准确回答。",
            "请以客服的身份回答问题。",
            "你的任务是解释缩略语。\n",
        ],
    )
    def test_other_roles(self, tmp_path: Path, role: str) -> None:
        findings = found(tmp_path, *(row("好", f"{role}第{name}项是什么？") for name in "甲乙丙丁"))
        assert [each.kind for each in findings] == ["system-prompt"]

    def test_as_the_whole_instruction(self, tmp_path: Path) -> None:
        file = rows(tmp_path, *(row("好", self.ROLE, f"第{name}项是什么？") for name in "甲乙丙丁戊"))
        scanned = scan(file)
        cleaned = clean([scanned], inspect([scanned]), remove=["system-prompt"])
        first = cleaned.files[str(file)][0]
        assert (first.instruction, first.input) == ("第甲项是什么？", "")

    def test_as_a_key_of_its_own(self, tmp_path: Path) -> None:
        file = rows(tmp_path, *(row("好", f"第{name}项是什么？", system=self.ROLE) for name in "甲乙丙丁戊"))
        with pytest.raises(TrainingDataError, match="system prompt"):
            read_samples(file)
        scanned = scan(file)
        assert kinds(inspect([scanned])) == [("system-prompt", 1)]
        cleaned = clean([scanned], inspect([scanned]))
        assert all("system was left out" in each for each in cleaned.done)
        assert len(cleaned.done) == 5

    def test_our_own_instruction_is_none(self, tmp_path: Path) -> None:
        assert (
            found(tmp_path, *(row(name, "写出缩略语的含义。", f"缩略语：{name}") for name in "甲乙丙丁戊己"))
            == []
        )


class TestCleaning:
    def test_nothing_happens_unasked(self, tmp_path: Path) -> None:
        file = rows(tmp_path, row("客户经理<|im_end|>"), row(""), row("见《没有》。"))
        scanned = scan(file)
        cleaned = clean([scanned], inspect([scanned], COLLECTION))
        assert [each.output for each in cleaned.files[str(file)]] == ["客户经理<|im_end|>", "", "见《没有》。"]
        assert cleaned.done == ()

    def test_tokens_are_cut_off_and_said(self, tmp_path: Path) -> None:
        glued = "客户经理<|im_end|>\n<|im_start|>user\n还有呢？"
        file = rows(tmp_path, row("<|im_start|>assistant\n客户经理<|im_end|>\n"), row(glued, "乙？"))
        scanned = scan(file)
        findings = inspect([scanned])
        assert [each.fixable for each in findings] == [True, False]
        cleaned = clean([scanned], findings, fix=["leaked-token"], remove=["leaked-token"])
        assert [each.output for each in cleaned.files[str(file)]] == ["客户经理"]
        assert [line.split(": ")[1].split(",")[0] for line in cleaned.done] == ["fixed", "removed"]

    def test_removal_names_line_and_reason(self, tmp_path: Path) -> None:
        file = rows(tmp_path, row("甲", "一？"), row("甲", "一？"), row("见《没有》。"), row("丙", "三？"))
        scanned = scan(file)
        cleaned = clean([scanned], inspect([scanned], COLLECTION), remove=["duplicate", "unknown-document"])
        assert [each.output for each in cleaned.files[str(file)]] == ["甲", "丙"]
        assert [line.split(":")[1] for line in cleaned.done] == ["2", "3"]
        assert "《没有》" in cleaned.done[1]

    def test_unreadable_lines_are_not_lost_unasked(self, tmp_path: Path) -> None:
        file = rows(tmp_path, "{", row("甲"))
        scanned = scan(file)
        with pytest.raises(TrainingDataError, match=r"data\.jsonl:1"):
            clean([scanned], inspect([scanned]), remove=["empty"])
        cleaned = clean([scanned], inspect([scanned]), remove=["unreadable"])
        assert len(cleaned.files[str(file)]) == 1
        assert "data.jsonl:1: removed" in cleaned.done[0]

    @settings(deadline=None)
    @given(
        outputs=st.lists(
            st.sampled_from(
                [
                    "客户经理",
                    "",
                    "x<|im_end|>",
                    "<|im_end|>",
                    "见《没有》",
                    '{"a":',
                    "313164400027",
                    "客户经理。",
                ]
            ),
            max_size=8,
        )
    )
    def test_cleaned_data_is_clean(self, tmp_path_factory: pytest.TempPathFactory, outputs: list[str]) -> None:
        folder = tmp_path_factory.getbasetemp()
        scanned = scan(rows(folder, *(row(each, f"第{at % 3}问？") for at, each in enumerate(outputs))))
        findings = inspect([scanned], COLLECTION)
        cleaned = clean([scanned], findings, fix=KINDS, remove=KINDS)
        kept = cleaned.files[scanned.file]
        # Nothing leaves or changes without a line that says so.
        touched = {line.split(": ")[0] for line in cleaned.done}
        changed = [at for at, each in enumerate(scanned.rows) if each.sample not in kept]
        assert {f"{scanned.file}:{scanned.rows[at].line}" for at in changed} <= touched
        again = folder / "again.jsonl"
        write_samples(again, kept)
        left = [
            each
            for each in inspect([scan(again)], COLLECTION)
            if each.kind not in ("duplicate", "like-duplicate")
        ]
        assert left == []


def test_splits_that_leak(tmp_path: Path) -> None:
    train = rows(tmp_path, row("甲", "AM是什么？", split="train"), name="train.jsonl")
    held = rows(
        tmp_path,
        row("甲", "AM 是什么", split="held_out"),
        row("乙", "别的？", split="held_out"),
        name="held.jsonl",
    )
    findings = inspect([scan(train), scan(held)])
    assert [(each.kind, Path(each.file).name, each.line) for each in findings] == [
        ("like-duplicate", "held.jsonl", 1),
        ("split-leak", "held.jsonl", 1),
    ]


def test_what_we_build_passes_our_own_gate(tmp_path: Path) -> None:
    splits = build(SENSES, lambda _: ("客户的续约和投诉都由客户经理跟进，请先联系。",))
    scans = []
    for split, samples in splits.items():
        write_samples(tmp_path / f"{split}.jsonl", samples, "full")
        scans.append(scan(tmp_path / f"{split}.jsonl"))
    assert inspect(scans, COLLECTION) == []
