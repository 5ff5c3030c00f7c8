"""The router's labelled questions are well formed, new, fairly split, and true of the sample pack."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter, defaultdict
from typing import Any

import pytest

from router.evaluate import ROUTES, STATUSES, read_labels
from tests.functional.test_examples import GLOSSARY, QUESTIONS, ROOT, TEXTS, glossary_rows

PATH = ROOT / "benchmarks" / "router" / "questions.jsonl"
LABELS: list[dict[str, Any]] = [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]
ANSWERED = [label for label in LABELS if label["status"] == "answered"]

REQUIRED = {"id", "question", "route", "status", "expect", "group", "language", "kind", "split"}
OPTIONAL = {"department", "history"}
EXPECTATIONS = {"contains", "terms", "facts", "documents", "rewritten_contains"}
KINDS = {
    "definition", "sense", "reverse", "listing", "comparison", "table-value", "table-reverse", "sentence-fact",
    "process", "explanation", "multi-document", "follow-up", "topic-change", "catalogue", "small-talk",
    "unanswerable", "ambiguous",
}  # fmt: skip

# What a refused question asks about, by paraphrase group: no such pattern may match anywhere in the pack.
ABSENT = {
    "n-gf": "广发", "n-pf": "浦发", "n-ny-cdxr": "农业银行股份有限公司成都", "n-qh-yx": "青槐农村商业银行股份有限公司雕版街",
    "n-yc-hz": "砚城银行股份有限公司杭州", "n-zs-cs": "长沙", "n-ly-xw": "澧栎农村商业银行股份有限公司兴旺",
    "n-ss-kb": "石砚农村商业银行股份有限公司云母巷", "n-code1": "102305091708", "n-code2": "314303095507",
    "n-code3": "314999012345", "n-flow6": "MH-Flow 6", "n-color-cloud": "云端", "n-item": "00990001",
    "n-tr401": "TR-401", "n-p6": "P6", "n-plat": "铂金", "n-e1099": "E-1099", "n-mhl500": "MHL-500",
    "n-mhf": "MHF-2399", "n-cust": "海棠", "n-cust2": "000999", "n-asset": "000777", "n-duty": "2026-06-03",
    "n-child": "育儿", "n-foil": "铝箔", "n-ext": "身份证", "n-cap": "注册资本", "n-rev": "营业收入", "n-wifi": "WiFi",
    "n-park": "停车", "n-spec": "SpectraEye M5", "n-ipo": "股票", "fu-no1": "广发", "fu-no2": "TR-501", "fa-no": "微信",
    "g-none": "火箭", "g-none2": "竞业", "z-fund": "公积金", "z-bonus": "年终奖", "z-stock": "股权", "z-noncomp": "竞业",
    "z-bus": "班车", "z-wfh": "居家", "z-visa": "签证", "z-tender": "招标", "z-app": "App", "z-sap": "SAP",
    "z-oracle": "Oracle", "z-flexo": "网纹辊", "z-uv": "UV", "z-screen": "网布", "z-foil": "烫金", "z-laser": "激光头",
    "z-blanket": "更换橡皮布", "z-3d": "3D打印", "z-rival": "竞争对手", "z-merge": "合并", "z-gdpr": "GDPR",
    "z-dismissal": "辞退", "z-childcare": "托儿", "z-gala": "年会", "z-ai": "抠图", "z-harmony": "鸿蒙",
    "z-blockchain": "区块链", "z-union": "工会", "z-car": "公车", "o-weather": "天气", "o-recipe": "番茄",
    "o-history": "秦始皇", "o-code": "排序", "o-stock": "茅台", "o-med": "发烧", "o-film": "电影", "o-space": "黑洞",
    "o-sport": "湖人", "o-travel": "三亚", "o-poem": "红楼梦", "o-pet": "猫咪", "w-no1": "光大银行", "w-no2": "子女",
    "w-no3": "华夏银行", "w-no4": "Japan", "u-okr": "OKR", "u-wms": "WMS", "u-plm": "PLM", "u-sku": "SKU", "u-mrp": "MRP",
    "u-hrbp": "HRBP", "u-xqv": "XQV", "u-tqm": "TQM", "u-jit": "JIT", "u-bva": "BVA", "fu-unk": "ATS",
    "n-feb": "一月份", "n-mat": "(?<!陪)产假",
}  # fmt: skip


def bare(text: str) -> str:
    """Return `text` as two wordings are compared: folded, without spaces and punctuation."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


def packed(text: str) -> str:
    """Return `text` without white space: a PDF breaks its lines inside words."""
    return re.sub(r"\s", "", text)


PACKED = {name: packed(text) for name, text in TEXTS.items()}


def by_group() -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for label in LABELS:
        groups[label["group"]].append(label)
    return groups


def share(key: str, value: str) -> float:
    return float(sum(label[key] == value for label in LABELS)) / len(LABELS)


def test_the_evaluation_reads_every_line() -> None:
    assert len(read_labels(PATH)) == len(LABELS)


def test_keys_and_values_are_known() -> None:
    for label in LABELS:
        assert set(label) >= REQUIRED, label["id"]
        assert set(label) <= REQUIRED | OPTIONAL, label["id"]
        assert set(label["expect"]) <= EXPECTATIONS, label["id"]
        assert label["route"] in ROUTES, label["id"]
        assert label["status"] in STATUSES, label["id"]
        assert label["kind"] in KINDS, label["id"]
        assert label["split"] in {"train", "test"}, label["id"]
        assert label["question"] == label["question"].strip() != "", label["id"]


def test_ids_are_distinct() -> None:
    assert len({label["id"] for label in LABELS}) == len(LABELS)


def test_there_are_enough_of_every_sort() -> None:
    statuses = Counter(label["status"] for label in LABELS)
    kinds = Counter(label["kind"] for label in LABELS)
    assert len(LABELS) >= 650
    assert len(by_group()) >= 230
    assert statuses["refused"] >= 80
    assert statuses["clarify"] >= 45
    assert sum("history" in label for label in LABELS) >= 50
    assert kinds["catalogue"] + kinds["small-talk"] >= 35
    assert all(kinds[kind] for kind in KINDS)


@pytest.mark.parametrize(("route", "wanted"), [("term", 0.28), ("fact", 0.37), ("analysis", 0.35)])
def test_routes_are_balanced(route: str, wanted: float) -> None:
    assert share("route", route) == pytest.approx(wanted, abs=0.04)


def test_a_quarter_is_english_or_mixed() -> None:
    assert 1 - share("language", "zh") >= 0.25


def test_language_is_what_the_characters_say() -> None:
    for label in LABELS:
        chinese = re.search(r"[\u4e00-\u9fff]", label["question"]) is not None
        assert chinese == (label["language"] != "en"), label["id"]


def test_a_groups_questions_share_side_and_label() -> None:
    for group, labels in by_group().items():
        assert len(labels) <= 3, group
        for key in ("split", "route", "status", "kind"):
            assert len({label[key] for label in labels}) == 1, (group, key)
        assert len({json.dumps(label["expect"].get("facts")) for label in labels}) == 1, group


def test_the_split_is_the_hash_of_the_group() -> None:
    for group, labels in by_group().items():
        side = "train" if hashlib.sha256(group.encode()).digest()[0] % 2 == 0 else "test"
        assert {label["split"] for label in labels} == {side}, group


@pytest.mark.parametrize("key", ["route", "status"])
def test_both_sides_have_their_half(key: str) -> None:
    sides = Counter((label[key], label["split"]) for label in LABELS)
    for value in {label[key] for label in LABELS}:
        assert 0.35 <= sides[value, "train"] / (sides[value, "train"] + sides[value, "test"]) <= 0.65, value
    assert share("split", "train") == pytest.approx(0.5, abs=0.05)


def test_wordings_are_distinct_and_new() -> None:
    seen = {(bare(item["question"]), item.get("department"), ()) for item in QUESTIONS}
    for label in LABELS:
        key = (bare(label["question"]), label.get("department"), tuple(label.get("history", ())))
        assert key not in seen, (label["id"], label["question"])
        seen.add(key)


def test_follow_ups_have_a_history_and_others_need_none() -> None:
    for label in LABELS:
        history = label.get("history", [])
        assert all(isinstance(turn, str) and turn.strip() for turn in history), label["id"]
        if label["kind"] in {"follow-up", "topic-change"}:
            assert history, label["id"]
        elif label["kind"] != "small-talk":
            assert not history, label["id"]


def test_what_a_follow_up_carries_over_was_said_before() -> None:
    meanings = "\n".join(row[3] for row in glossary_rows())
    for label in LABELS:
        said = "\n".join([*label.get("history", ()), label["question"], meanings])
        for part in label["expect"].get("rewritten_contains", ()):
            assert part in said, (label["id"], part)


def test_cited_documents_are_in_the_pack() -> None:
    assert {name for label in LABELS for name in label["expect"].get("documents", ())} == set(TEXTS)


def test_expected_values_stand_in_the_cited_documents() -> None:
    for label in ANSWERED:
        expected = label["expect"]
        if label["kind"] in {"catalogue", "small-talk"}:
            continue
        values = [*expected.get("facts", ()), *expected.get("contains", ())]
        assert values, label["id"]
        for value in values:
            names = expected.get("documents") or PACKED
            assert any(packed(value) in PACKED[name] for name in names), (label["id"], value)


def test_every_cited_document_holds_a_part_of_the_answer() -> None:
    for label in ANSWERED:
        if label["kind"] == "catalogue":
            continue
        for name in label["expect"].get("documents", ()):
            parts = label["expect"]["contains"]
            assert any(packed(part) in PACKED[name] for part in parts), (label["id"], name)


def test_catalogue_answers_name_files_that_exist() -> None:
    stems = [name.rsplit(".", 1)[0] for name in TEXTS if name != GLOSSARY.name]
    for label in ANSWERED:
        if label["kind"] == "catalogue":
            assert label["expect"]["contains"], label["id"]
            for part in label["expect"]["contains"]:
                assert part == str(len(stems)) or any(part in stem for stem in stems), (label["id"], part)


def test_fact_answers_name_their_value() -> None:
    for label in ANSWERED:
        assert (label["route"] == "fact") == bool(label["expect"].get("facts")), label["id"]


def test_terms_stand_in_the_question_and_in_the_glossary() -> None:
    senses = {(bare(row[1]), row[3]) for row in glossary_rows()}
    for label in LABELS:
        for term in label["expect"].get("terms", ()):
            assert term["surface"] in label["question"], label["id"]
            assert (bare(term["surface"]), term["chinese"]) in senses, (label["id"], term)


def test_clarifications_offer_what_the_pack_holds() -> None:
    for label in LABELS:
        if label["status"] == "clarify":
            options = label["expect"].get("contains", [])
            assert len(options) != 1, label["id"]
            for option in options:
                assert any(packed(option) in text for text in PACKED.values()), (label["id"], option)


def test_an_ambiguous_abbreviation_offers_every_sense() -> None:
    senses: dict[str, set[str]] = defaultdict(set)
    for row in glossary_rows():
        senses[row[1]].add(row[3])
    for label in LABELS:
        if label["status"] == "clarify" and label["route"] == "term":
            assert set(label["expect"]["contains"]) in senses.values(), label["id"]


def test_what_is_refused_is_not_in_the_pack() -> None:
    refused = {label["group"] for label in LABELS if label["status"] == "refused"}
    assert refused == ABSENT.keys()
    everything = "\n".join(TEXTS.values())
    for group, pattern in ABSENT.items():
        bounded = rf"(?<![A-Za-z]){pattern}(?![A-Za-z])" if pattern.isascii() else pattern
        assert not re.search(bounded, everything, re.IGNORECASE), (group, pattern)


def test_the_page_shows_the_sets_counts() -> None:
    page = PATH.with_name("README.md").read_text(encoding="utf-8")
    assert f"{len(LABELS):,} questions in {len(by_group())} paraphrase groups" in page
    for key in ("route", "status", "language", "kind"):
        for value in {label[key] for label in LABELS}:
            sides = Counter(label["split"] for label in LABELS if label[key] == value)
            row = f"| {value} | {sides.total()} | {sides['train']} | {sides['test']} |"
            assert row in page, row


def test_a_refusal_expects_nothing() -> None:
    assert not [label["id"] for label in LABELS if label["status"] == "refused" and label["expect"]]
