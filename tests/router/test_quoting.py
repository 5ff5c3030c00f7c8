"""What may be quoted where no model writes: nothing of another month, and no sentence without the time asked for."""

from __future__ import annotations

import pytest

from retrieval.types import Chunk, Document, Location, Passage
from router.analysis import AnalysisLane
from router.questions import read_question
from router.settings import RouterSettings
from router.term import Draft
from router.types import Query, Status
from terminology.types import Resolution

REPORT = "码头五月月报。\n五月共装卸集装箱4120箱，其中冷藏箱310箱。\n员工浴室在2号楼，洗衣每件3元。"


def asked(question: str, text: str = REPORT) -> Status:
    document = Document("d", "/x/月报.txt", "月报.txt", "h", "text/plain")
    passages = [Passage(Chunk("c", "d", 0, text, Location()), document, 1.0)]
    lane = AnalysisLane(RouterSettings(), lambda text, sources: ())
    query, form = Query(question), read_question(question)
    resolution = Resolution(question, question)
    support = lane.weigh(query, resolution, passages, form)
    *_, draft = lane.answer(query, resolution, passages, form, support)
    assert isinstance(draft, Draft)
    return draft.status


def test_the_month_that_is_asked_for_is_quoted() -> None:
    assert asked("五月装卸了多少集装箱") is Status.ANSWERED


@pytest.mark.parametrize("question", ["四月装卸了多少集装箱", "员工浴室几点开门"])
def test_another_month_or_no_time_of_day_is_refused(question: str) -> None:
    assert asked(question) is Status.REFUSED
