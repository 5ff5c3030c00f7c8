"""What of a model's raw output may be seen, however the output is cut into pieces."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.visible import visible


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("<think>先想一想</think>\n答案是3次。", "答案是3次。"),
        ("<think>还没想完", ""),
        ("想好了</think>答案是3次。", "答案是3次。"),
        ("<thinking>a</thinking>b<think>c</think>d", "bd"),
        ("答案<|im_end|>\n<|im_start|>user\n再问", "答案"),
        ("<|im_start|>assistant\n答案<|endoftext|>", "答案"),
        ("答案<｜end▁of▁sentence｜><｜User｜>又问", "答案"),
        ("<|im_end|>答案", "答案"),
        ("答案</s>", "答案"),
        ("答案<end_of_turn>\n", "答案"),
        ("答案[/INST] 更多", "答案"),
        ("答案<|im_e", "答案"),
        ('先查<tool_call>\n{"name": "x"}\n</tool_call>', "先查"),
        ("先查<tool_call>\n{", "先查"),
        ("a < 5 且 b > 3，见 [1][2]", "a < 5 且 b > 3，见 [1][2]"),
        ("表头|列\n|---|---|---|---|---|---|", "表头|列\n|---|---|---|---|---|---|"),
        ("卡号 6222000000000000001，共 1111111111 元", "卡号 6222000000000000001，共 1111111111 元"),
        ("哈哈哈，是 3 次、3 次、3 次。", "哈哈哈，是 3 次、3 次、3 次。"),
        ("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11"),
    ],
)
def test_whole_output(raw: str, text: str) -> None:
    assert visible(raw, complete=True).text == text


@pytest.mark.parametrize("unit", ["好", "好的。", "AM 负责回访客户，并在 48 小时内给出方案 [1]。\n", "ha "])
def test_runaway_repetition_is_cut_to_one_and_stops(unit: str) -> None:
    result = visible("结论：" + unit * 60, complete=False)
    assert result.stop
    assert result.text == ("结论：" + unit).strip()


@pytest.mark.parametrize("end", ["<|im_end|>", "<|endoftext|>", "<｜end▁of▁sentence｜>", "<|eot_id|>"])
def test_end_token_stops_the_answer(end: str) -> None:
    assert visible("答案" + end, complete=False).stop
    assert not visible("答案", complete=False).stop


def test_a_thought_that_was_never_opened_is_reported() -> None:
    assert visible("想</think>答", complete=False).late_thoughts
    assert not visible("<think>想</think>答", complete=False).late_thoughts


_PARTS = st.lists(
    st.sampled_from(
        [
            "答",
            "a<b",
            " ",
            "\n",
            "<think>",
            "</think>",
            "想",
            "<|im_end|>",
            "<｜end▁of▁sentence｜>",
            "[1]",
            "<|x",
        ]
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(_PARTS.map("".join))
def test_a_longer_output_continues_what_was_shown(raw: str) -> None:
    whole = visible(raw, complete=True)
    shown = ""
    for end in range(1, len(raw) + 1):
        now = visible(raw[:end], complete=False)
        assert "<think>" not in now.text
        assert "im_end" not in now.text
        if not now.late_thoughts:
            assert now.text.startswith(shown)
        shown = now.text
        if now.stop:
            break
    if not whole.late_thoughts:
        assert whole.text.startswith(shown)
