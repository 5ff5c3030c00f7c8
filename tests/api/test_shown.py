"""What is shown without the model is what the model describes."""

from __future__ import annotations

import numpy as np
import orjson
import pytest

from api.schemas import AnswerSchema
from api.shown import answer_json, shown_answer
from retrieval.facts.types import Fact
from router.types import Answer, Citation, Option, Route, Status, Trace
from terminology.types import ResolvedTerm, ScoredSense, Sense, TermMatch, TermSource


@pytest.fixture
def answer() -> Answer:
    here = TermSource("术语.xlsx", "Sheet1", 7)
    chosen = Sense(
        id=1, term="AM", chinese="客户经理", english="Account Manager", department="销售部", source=here
    )
    other = Sense(id=2, term="AM", chinese="调幅", english="Amplitude Modulation")
    term = ResolvedTerm(
        TermMatch("AM", 0, 2, (chosen, other)),
        ScoredSense(chosen, 0.912345),
        "context",
        (ScoredSense(other, 0.1),),
    )
    fact = Fact("060522", "d1", "电话.csv", table="电话", row=3, column="分机", cell="B3")
    citation = Citation("电话.csv", "d1", "骨科 060522", cell="B3", score=0.75)
    return Answer(
        "AM负责什么？“引号”\n",
        "客户经理（AM）负责什么？",
        Route.TERM,
        Status.CLARIFY,
        "answer",
        0.5,
        Trace("why", {"terms": 0.25}, ("one", "two")),
        (term,),
        (fact,),
        (citation,),
        (Option("客户经理", "客户经理（AM）负责什么？"),),
        ("flag",),
        "completed",
        "id",
    )


def test_the_plain_shape_is_the_models(answer: Answer) -> None:
    model = AnswerSchema.of(answer, "c")
    assert orjson.loads(answer_json(answer, "c")) == model.model_dump(mode="json")
    assert list(shown_answer(answer)) == list(AnswerSchema.model_fields)
    assert AnswerSchema.model_validate_json(answer_json(answer, "c"), strict=True) == model


def test_numbers_of_numpy_are_numbers(answer: Answer) -> None:
    (citation,) = answer.citations
    object.__setattr__(citation, "score", np.float32(0.5))
    assert orjson.loads(answer_json(answer))["citations"][0]["score"] == 0.5
