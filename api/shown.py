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
    return orjson.dumps(shown_answer(answer, conversation_id), option=orjson.OPT_SERIALIZE_NUMPY)


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
        "trace": {
            "reason": answer.trace.reason,
            "timings_ms": dict(answer.trace.timings_ms),
            "steps": list(answer.trace.steps),
        },
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
