"""Answers as plain dictionaries in the contract's shape: what every door shows, ready to be written as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from retrieval.facts.types import Fact
    from router.types import Answer, Citation
    from terminology.types import ResolvedTerm, ScoredSense, Sense


def answer_json(answer: Answer, conversation_id: str | None = None) -> bytes:
    """Return the answer object as JSON, without building the model that describes it: that costs more than a lookup."""
    return _dumped(shown_answer(answer, conversation_id))


def _dumped(shown: dict[str, Any]) -> bytes:
    return orjson.dumps(shown, option=orjson.OPT_SERIALIZE_NUMPY)


def _shown_trace(answer: Answer) -> dict[str, Any]:
    trace = answer.trace
    return {
        "reason": trace.reason,
        "timings_ms": dict(trace.timings_ms),
        "steps": list(trace.steps),
    }


class WrittenAnswer:
    """An answer's JSON, written once; what each giving of it has of its own is put in."""

    def __init__(self, answer: Answer) -> None:
        """Write it."""
        shown = shown_answer(answer)
        own = {"trace", "conversation_id", "answer_id"}
        self._fixed = _dumped({key: value for key, value in shown.items() if key not in own})[:-1]

    def json(self, answer: Answer) -> bytes:
        """Return the JSON for `answer`: the one that was written but for its id and its trace, outside a conversation."""
        own = {"trace": _shown_trace(answer), "conversation_id": None, "answer_id": answer.answer_id}
        return self._fixed + b"," + _dumped(own)[1:]


def shown_answer(answer: Answer, conversation_id: str | None = None) -> dict[str, Any]:
    """Show an answer, in the order of `AnswerSchema`."""
    return {
        "question": answer.question,
        "rewritten_question": answer.rewritten_question,
        "route": answer.route.value,
        "status": answer.status.value,
        "answer": answer.answer,
        "confidence": answer.confidence,
        "terms": [shown_term(term) for term in answer.terms],
        "facts": [shown_fact(fact) for fact in answer.facts],
        "citations": [shown_citation(citation) for citation in answer.citations],
        "options": [{"label": option.label, "question": option.question} for option in answer.options],
        "trace": _shown_trace(answer),
        "flags": list(answer.flags),
        "conversation_id": conversation_id,
        "completed_question": answer.completed_question,
        "answer_id": answer.answer_id,
    }


def shown_term(resolved: ResolvedTerm) -> dict[str, Any]:
    """Show a resolved term."""
    sense, match = resolved.chosen.sense, resolved.match
    return {
        "surface": match.surface,
        "start": match.start,
        "end": match.end,
        "term": sense.term,
        "chinese": sense.chinese,
        "english": sense.english,
        "chosen_by": resolved.chosen_by,
        "score": round(resolved.chosen.score, 4),
        "source": shown_source(sense),
        "alternatives": [_alternative(other) for other in resolved.alternatives],
        "department": sense.department,
        "close": resolved.close,
    }


def shown_source(sense: Sense) -> dict[str, Any] | None:
    """Show where a glossary row was read."""
    source = sense.source
    return {"file": source.file, "sheet": source.sheet, "row": source.row} if source else None


def shown_fact(fact: Fact) -> dict[str, Any]:
    """Show a fact."""
    return {
        "table": fact.table,
        "row": fact.row,
        "column": fact.column,
        "value": fact.value,
        "label": fact.label,
        "document": fact.document,
        "document_id": fact.document_id,
        "sheet": fact.sheet,
        "page": fact.page,
        "cell": fact.cell,
        "sentence": fact.sentence,
        "unit": fact.unit,
    }


def shown_citation(citation: Citation) -> dict[str, Any]:
    """Show a citation."""
    return {
        "document": citation.document,
        "document_id": citation.document_id,
        "page": citation.page,
        "sheet": citation.sheet,
        "cell": citation.cell,
        "quote": citation.quote,
        "score": citation.score,
        "slide": citation.slide,
    }


def _alternative(scored: ScoredSense) -> dict[str, Any]:
    sense = scored.sense
    return {
        "chinese": sense.chinese,
        "english": sense.english,
        "score": round(scored.score, 4),
        "department": sense.department,
    }
