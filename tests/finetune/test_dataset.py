"""Training data from a glossary: enough wordings per sense, the canonical prompt, and nothing shared between splits."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.dataset import BuildOptions, build
from finetune.formats import Scan
from finetune.phrasings import Phrasing, Wording, phrasings
from finetune.quality import inspect
from finetune.sentences import uses_of
from finetune.types import SPLITS, Row, Sample, Split
from finetune.versions import data_hash
from terminology.normalize import fold_key
from terminology.prompt import (
    ABSTAIN,
    CHOICE_INSTRUCTION,
    PROPOSE_INSTRUCTION,
    choice_prompt,
    chosen_text,
    propose_prompt,
    sense_text,
)
from terminology.types import Sense

SENSES = [
    Sense(term, english, chinese, number, department=department, examples=examples)
    for number, (term, english, chinese, department, examples) in enumerate(
        [
            ("AM", "Account Manager", "客户经理", "销售部", ("投诉由AM跟进，请先联系您的AM。",)),
            ("AM", "Amplitude Modulation", "调幅加网", "印前部", ("AM加网的网点大小随阶调变化。",)),
            ("IT", "Information Technology", "信息技术", "", ()),
            ("IT", "Ink Transfer", "油墨转移", "", ()),
            ("Act.", "Actual", "", "", ()),
            ("T+1", "", "次一工作日", "财务部", ()),
            ("5-ALA", "5-Aminolevulinic Acid", "5-氨基乙酰丙酸", "", ()),
            ("北大", "Peking University", "北京大学", "", ()),
            ("ROI", "Region of Interest", "感兴趣区域", "", ()),
            ("ROI", "Return on Investment", "投资回报率", "", ()),
            ("WMS", "Warehouse Management System", "仓储管理系统", "", ()),
            ("MIS", "Management Information System", "管理信息系统", "IT部", ()),
            ("SOP", "Standard Operating Procedure", "标准作业程序", "质量部", ()),
        ],
        start=1,
    )
]
PASSAGES = {
    "客户经理": ("制度\n客户经理（AM）每月拜访一次客户。超过三天由客户经理上报。",),
    "投资回报率": ("财务\n投资回报率低于标准的项目不立项。",),
    "感兴趣区域": ("检测\n请在感兴趣区域内取样，避开图像边缘。",),
    "WMS": ("仓库\n入库单先在WMS登记，再上架。表头 | WMS | 说明\n请登录https://wms.example.com 打开WMS。",),
    "SOP": ("质量\n换版必须按SOP执行，偏差要记录。\n附录 SOP 目录\n2026-03-19 08:49 INFO SOP loaded",),
}


def contexts(name: str) -> tuple[str, ...]:
    return PASSAGES.get(name, ())


@pytest.fixture(scope="module")
def splits() -> dict[Split, list[Sample]]:
    return build(SENSES, contexts)


def entries(senses: list[Sense]) -> list[Sense]:
    return [each for each in senses if sense_text(each)]


def covers(sample: Sample, sense: Sense) -> bool:
    """Whether a sample teaches a sense: it is asked about its term or name, and the answer gives it."""
    if sample.kind == "reverse":
        named = any(name and f"“{name}”" in sample.instruction for name in (sense.chinese, sense.english))
        return named and sense.term in sample.output.split("；")
    answers = (sense_text(sense), sense.chinese, sense.english)
    return sample.term == sense.term and any(
        part in answers for part in (sample.output, *sample.output.split("；"))
    )


def test_at_least_ten_wordings_per_sense(splits: dict[Split, list[Sample]]) -> None:
    held = {each.term for each in splits["held_out"] if each.group.startswith("term:")}
    for sense in SENSES:
        if sense.term in held:
            continue
        wordings = {each.phrasing for each in splits["train"] if covers(each, sense)}
        assert len(wordings) >= 10, (sense, wordings)


def test_all_kinds_in_both_languages(splits: dict[Split, list[Sample]]) -> None:
    train = splits["train"]
    kinds = {each.kind for each in train}
    assert kinds >= {"definition", "english", "chinese", "reverse", "choice", "propose", "abstain"}
    for kind in ("definition", "reverse", "choice"):
        asked = [each.question for each in train if each.kind == kind]
        assert any(re.search(r"\b(?:What|In)\b", question) for question in asked), kind
        assert any(re.search(r"什么|怎么|指|缩", question) for question in asked), kind


def test_choices_and_proposals_are_asked_in_the_canonical_prompt(splits: dict[Split, list[Sample]]) -> None:
    by_term = defaultdict(list)
    for sense in SENSES:
        by_term[sense.term].append(sense)
    for sample in (each for split in SPLITS for each in splits[split]):
        if sample.kind == "choice" and not sample.phrasing.startswith("distractors/"):
            own = by_term[sample.term]
            shown = [chosen_text(each) for each in sample.candidates]
            order = sorted(own, key=lambda sense: shown.index(sense_text(sense)))
            assert sample.messages() == choice_prompt(sample.question, sample.term, order)
        if sample.kind == "choice":
            assert sample.instruction == CHOICE_INSTRUCTION
            assert sample.output in sample.candidates
            assert len(set(sample.candidates)) == len(sample.candidates)
        if sample.kind == "propose" and sample.question:
            assert sample.messages() == propose_prompt(sample.term, sample.question)


def test_the_right_candidate_stands_anywhere(splits: dict[Split, list[Sample]]) -> None:
    places = [each.candidates.index(each.output) for each in splits["train"] if each.kind == "choice"]
    assert set(places) >= {0, 1}


def test_no_group_stands_in_two_splits(splits: dict[Split, list[Sample]]) -> None:
    groups = {split: {each.group for each in splits[split]} for split in SPLITS}
    for one, other in (("train", "validation"), ("train", "held_out"), ("validation", "held_out")):
        assert groups[one].isdisjoint(groups[other])  # type: ignore[index]
        questions = [
            {(each.instruction, each.input) for each in splits[split]}  # type: ignore[index]
            for split in (one, other)
        ]
        assert questions[0].isdisjoint(questions[1])


def test_held_out_abbreviations_are_nowhere_in_training(splits: dict[Split, list[Sample]]) -> None:
    held = {each.term for each in splits["held_out"] if each.group.startswith("term:")}
    assert held
    senses = [each for each in SENSES if each.term in held]
    for split in ("train", "validation"):
        for sample in splits[split]:  # type: ignore[index]
            assert sample.term not in held
            shown = "\n".join((sample.instruction, sample.input, sample.output, *sample.candidates))
            for sense in senses:
                assert not re.search(rf"(?<![A-Za-z0-9]){re.escape(sense.term)}(?![A-Za-z0-9])", shown)
                assert not any(name and name in shown for name in (sense.chinese, sense.english))


def test_unknown_abbreviations_are_unknown_and_abstained_from(splits: dict[Split, list[Sample]]) -> None:
    surfaces = {fold_key(each.term) for each in SENSES}
    seen: dict[Split, set[str]] = {}
    for split in SPLITS:
        unknown = [each for each in splits[split] if each.kind == "abstain"]
        assert unknown
        assert {each.output for each in unknown} == {ABSTAIN}
        seen[split] = {fold_key(each.term) for each in unknown}
        assert seen[split].isdisjoint(surfaces)
        assert any(each.instruction == PROPOSE_INSTRUCTION for each in unknown)
    assert seen["train"].isdisjoint(seen["held_out"] | seen["validation"])


def test_known_and_unknown_are_asked_alone_alike(splits: dict[Split, list[Sample]]) -> None:
    alone = [each for each in splits["train"] if each.phrasing == "propose/alone"]
    assert {each.output == ABSTAIN for each in alone} == {True, False}
    assert all(each.messages() == propose_prompt(each.term) for each in alone)
    (am,) = [each for each in alone if each.term == "AM"]
    assert am.output == "客户经理（Account Manager）；调幅加网（Amplitude Modulation）"


def test_several_senses_are_all_told_where_nothing_settles_them(splits: dict[Split, list[Sample]]) -> None:
    asked = [each for each in splits["train"] if each.kind == "definition" and each.term == "AM"]
    assert asked
    assert {each.output for each in asked} == {"客户经理（Account Manager）；调幅加网（Amplitude Modulation）"}


def test_it_follows_from_its_inputs_alone() -> None:
    one, two = build(SENSES, contexts), build(SENSES, contexts)
    assert one == two
    other = build(SENSES, contexts, options=BuildOptions(seed=1))
    assert data_hash(one) == data_hash(two) != data_hash(other)


def test_replay_and_kinds_are_chosen() -> None:
    general = [Sample(f"常识{number}？", "答", kind="general") for number in range(100)]
    options = BuildOptions(kinds=("choice", "propose", "abstain"), phrasings=10, replay=0.25)
    splits = build(SENSES, contexts, general, options)
    kinds = [each.kind for each in splits["train"]]
    assert set(kinds) == {"choice", "propose", "abstain", "general"}
    others = sum(kind != "general" for kind in kinds)
    assert kinds.count("general") == min(80, round(0.25 * others))


def test_choices_have_a_share_of_their_own() -> None:
    """To choose a sense is the model's job: the other kinds must not crowd it out."""
    most = BuildOptions().phrasings
    for options, others in ((BuildOptions(), True), (BuildOptions(kinds=("choice",)), False)):
        train = build(SENSES, contexts, options=options)["train"]
        manager = [each for each in train if each.output.endswith("客户经理（Account Manager）")]
        choices = [each for each in manager if each.kind == "choice"]
        assert 10 <= len(choices) <= most
        assert (len(manager) > len(choices)) == others


def test_nothing_to_build_from() -> None:
    assert build([]) == {"train": [], "validation": [], "held_out": []}
    assert build([Sense("X", "", "")])["train"] == []


names = st.text(alphabet="ABCab客户经理调幅{}（）()/;；“” 1", min_size=1, max_size=8).filter(
    lambda text: bool(text.strip())
)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.builds(
            Sense,
            term=names,
            english=names | st.just(""),
            chinese=names | st.just(""),
            department=st.sampled_from(["", "甲部", "乙部"]),
        ),
        max_size=14,
    )
)
def test_any_glossary_gives_sound_data(senses: list[Sense]) -> None:
    splits = build(senses)
    rows = []
    for split in SPLITS:
        for at, sample in enumerate(splits[split]):
            assert sample.output
            assert sample.split == split
            if sample.kind == "choice":
                assert sample.output in sample.candidates
            rows.append(Row(sample, f"{split}.jsonl", at + 1, at))
    groups = {split: {each.group for each in splits[split]} for split in SPLITS}
    assert groups["train"].isdisjoint(groups["held_out"] | groups["validation"])
    files = [
        Scan(f"{split}.jsonl", tuple(row for row in rows if row.file == f"{split}.jsonl")) for split in SPLITS
    ]
    kinds = {each.kind for each in inspect(files)}
    # Terms that are signs only look empty or broken; a contradiction or a leak there is none.
    assert kinds <= {"duplicate", "like-duplicate", "empty", "broken-json", "repetition"}, kinds


class TestSentences:
    AM = (SENSES[0], SENSES[1])

    def test_a_full_name_gives_way_to_the_abbreviation(self) -> None:
        uses = uses_of("AM", self.AM, contexts, 10)
        sentences = {use.sentence: use.sense.chinese for use in uses}
        assert sentences == {
            "投诉由AM跟进，请先联系您的AM。": "客户经理",
            "AM每月拜访一次客户。": "客户经理",
            "超过三天由AM上报。": "客户经理",
            "AM加网的网点大小随阶调变化。": "调幅加网",
        }

    def test_tables_and_addresses_are_no_sentences(self) -> None:
        wms = next(each for each in SENSES if each.term == "WMS")
        assert [use.sentence for use in uses_of("WMS", (wms,), contexts, 10)] == ["入库单先在WMS登记，再上架。"]

    def test_a_sentence_with_two_senses_says_nothing(self) -> None:
        def both(_: str) -> tuple[str, ...]:
            return ("客户经理和调幅加网是两回事，不要混淆。",)

        bare = tuple(Sense(each.term, each.english, each.chinese, each.id) for each in self.AM)
        assert uses_of("AM", bare, both, 10) == []

    def test_headings_and_logs_are_no_sentences(self) -> None:
        sop = next(each for each in SENSES if each.term == "SOP")
        assert [use.sentence for use in uses_of("SOP", (sop,), contexts, 10)] == [
            "换版必须按SOP执行，偏差要记录。"
        ]

    def test_an_example_stands_as_it_was_written(self) -> None:
        act = Sense("Act.", "Actual", "实际的", examples=("月报中 Act. 一列是实际数，Est. 一列是预估数",))
        assert [use.sentence for use in uses_of("Act.", (act,), None, 10)] == [act.examples[0]]

    def test_an_abbreviation_within_a_code_is_none(self) -> None:
        it = Sense("IT", "Information Technology", "信息技术")
        assert uses_of("IT", (it,), lambda _: ("请查看UNIT-IT9的说明书第一章。",), 10) == []
        assert len(uses_of("IT", (it,), lambda _: ("请联系IT部门的同事处理。",), 10)) == 1


def test_wordings_are_different_in_each_split() -> None:
    for wording in get_args(Wording):
        texts = [{each.text for each in phrasings(wording, split)} for split in SPLITS]
        assert all(texts)
        assert len(set.union(*texts)) == sum(map(len, texts))


def test_ten_wordings_of_each_kind() -> None:
    for wording in ("definition", "english", "chinese", "reverse", "context"):
        assert len(phrasings(wording, "train")) >= 10, wording  # type: ignore[arg-type]
    # A choice is asked in three ways.
    ways = ("department", "cue", "sentence")
    assert sum(len(phrasings(each, "train")) for each in ways) >= 10  # type: ignore[arg-type]


def test_contexts_are_asked_as_people_ask(splits: dict[Split, list[Sample]]) -> None:
    found = [each for each in splits["train"] if each.kind == "context"]
    assert {each.term for each in found} >= {"AM"}
    assert all(each.term in each.instruction and not each.input for each in found)
    assert {each.output for each in found if each.term == "AM"} <= {
        "客户经理（Account Manager）",
        "调幅加网（Amplitude Modulation）",
    }


def test_the_names_of_an_ambiguous_term_are_all_told() -> None:
    splits = build(SENSES, contexts, options=BuildOptions(kinds=("english",), phrasings=50, held_terms=0.0))
    told = {each.output for each in splits["train"] if each.term == "AM"}
    assert told == {"Account Manager；Amplitude Modulation"}


def test_a_word_cannot_fill_another_place() -> None:
    assert Phrasing("x", "{term}在{cue}里").fill(term="{cue}", cue="甲") == "{cue}在甲里"


def test_on_a_real_glossary() -> None:
    file = Path(__file__).resolve().parents[3] / "shared" / "data" / "glossary" / "clinical_abbreviations.jsonl"
    if not file.exists():
        pytest.skip(f"{file} is not here")
    read = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    senses = [
        Sense(each["abbreviation"], each["english"], each["chinese"], at) for at, each in enumerate(read, 1)
    ]
    splits = build(senses)
    held = {each.term for each in splits["held_out"] if each.group.startswith("term:")}
    taught = defaultdict(list)
    for sample in splits["train"]:
        taught[sample.term].append(sample)
    few = [
        sense.term
        for sense in senses
        if sense.term not in held
        and len({each.phrasing for each in taught[sense.term] if covers(each, sense)}) < 10
    ]
    assert few == []
    scans = []
    for split in SPLITS:
        rows = tuple(Row(sample, f"{split}.jsonl", at + 1, at) for at, sample in enumerate(splits[split]))
        scans.append(Scan(f"{split}.jsonl", rows))
    assert {each.kind for each in inspect(scans)} <= {"like-duplicate"}
