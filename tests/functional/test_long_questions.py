"""No question of any shape stops the program: a pattern that never ends would hold up every other asker too."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.functional
ROOT = Path(__file__).parents[2]
# What patterns are made of: words of asking, particles, numbers, spaces, punctuation.
PIECES = (
    "问", "知道", "请问", "帮我查一下", "你这里", "需要", "里的", "那么", "是什么", "是多少", "哪些", "和A", "、", "为", "文件",
    "中文", "不超过", "万", "1", "1,", "九", "2026年", " ", "a ", "what is ", "how many ", "AM", "（", "-", "。",
)  # fmt: skip
LENGTHS = (60, 3900)
SLOWEST = 15.0
# In a process of its own: what never ends cannot be interrupted from within.
PROGRAM = """
import json, sys, time
from pathlib import Path
from api.auth import OPERATOR
from api.chat import Question
from api.settings import Settings
from api.wiring import Application
settings = Settings(data_dir=Path(sys.argv[1]), embedding_model="hashed", answer_cache=0)
with Application(settings) as application:
    application.warm_up()
    for line in sys.stdin:
        started = time.perf_counter()
        answer = application.chat.answer(Question(json.loads(line)), OPERATOR)
        print(answer.status.value, time.perf_counter() - started, flush=True)
"""


def test_repeated_words_are_answered_in_time(pack_dir: Path) -> None:
    questions = [(piece * length)[:length] + "？" for length in LENGTHS for piece in PIECES]
    # The last one shows that the program still answers.
    questions.append("AM代表什么职位？")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(pack_dir)],
        input="\n".join(map(json.dumps, questions)),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=240,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    replies = [line.split() for line in done.stdout.splitlines()]
    assert len(replies) == len(questions)
    slow = {
        question[:8]: float(seconds)
        for question, (_, seconds) in zip(questions, replies, strict=True)
        if float(seconds) > SLOWEST
    }
    assert slow == {}
    assert replies[-1][0] == "answered"
