"""Our own ids and labels: the answer and its end count, nothing else, and nothing is cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from finetune.encode import IGNORED, encode, encode_all, scoring_rows
from finetune.types import Sample
from terminology.prompt import CHOICE_INSTRUCTION, choice_input, choice_texts
from tests.finetune.micro import choices, senses


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from examples.tiny_tokenizer import make_tokenizer

    folder: Path = tmp_path_factory.mktemp("tokenizer")
    return make_tokenizer(folder)


def test_the_loss_counts_the_answer_and_its_end(tokenizer: Any) -> None:
    sample = choices(1)[0]
    row = encode(tokenizer, sample)
    counted = [label for label in row.labels if label != IGNORED]
    assert tokenizer.decode(counted) == f"{sample.output}<|im_end|>"
    assert row.input_ids[-len(counted) :] == counted
    assert len(row.input_ids) == len(row.labels)


def test_the_ids_are_those_of_the_template(tokenizer: Any) -> None:
    sample = choices(1)[0]
    turns = [*sample.messages(), {"role": "assistant", "content": sample.output}]
    text = tokenizer.apply_chat_template(turns, tokenize=False)
    assert tokenizer.decode(encode(tokenizer, sample).input_ids) == text.removesuffix("\n")


def test_a_plain_text_counts_as_a_whole(tokenizer: Any) -> None:
    row = encode(tokenizer, Sample("", "客户经理负责回款。"))
    assert row.labels == row.input_ids
    assert tokenizer.decode(row.input_ids) == "客户经理负责回款。<|im_end|>"


def test_a_long_sample_is_left_out_whole(tokenizer: Any) -> None:
    short, long = Sample("问", "答"), Sample("问" * 200, "答")
    rows, left_out = encode_all(tokenizer, [short, long, short], 100)
    assert len(rows) == 2
    assert left_out == [1]


def test_candidates_are_scored_with_the_right_one_first(tokenizer: Any) -> None:
    both = senses("AM")
    texts = choice_texts(both)
    sample = Sample(
        CHOICE_INSTRUCTION, texts[1], choice_input("？", "AM", both), kind="choice", candidates=tuple(texts)
    )
    rows = scoring_rows(tokenizer, sample)
    assert [tokenizer.decode(answer) for _, answer in rows] == [
        f"{texts[1]}<|im_end|>",
        f"{texts[0]}<|im_end|>",
    ]
    assert rows[0][0] == rows[1][0]
