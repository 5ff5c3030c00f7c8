"""What those who run the service ask of it: sizes, models in use, readiness, and derived indexes made anew."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from api.problems import KNOWN

if TYPE_CHECKING:
    from api.wiring import Application


def rebuild(application: Application) -> dict[str, Any]:
    """Make the derived indexes anew from the database; returns what they hold."""
    from retrieval.search import rebuild

    application.drop_indexes()
    embedded = rebuild(application.store, application.index_dir, application.embedder)
    for derived in ("rows", "terms"):
        shutil.rmtree(application.index_dir / derived, ignore_errors=True)
    application.rows.catch_up()
    application.resolver.prepare()
    counts = application.store.statistics()
    return {
        "chunks": counts.chunks,
        "embedded": embedded,
        "rows": counts.rows,
        "embedding_model": application.embedder.name,
    }


def readiness(application: Application) -> dict[str, Any]:
    """Say whether questions can be answered, and with which models."""
    problems = []
    for name, check in (
        ("database", application.store.latest_change),
        ("glossary", application.glossary.revision),
    ):
        try:
            check()
        except KNOWN as error:
            problems.append({"part": name, "detail": str(error)})
    return {"ready": not problems, "problems": problems, "models": models(application)}


def models(application: Application) -> dict[str, Any]:
    """Say which models are in use, and why."""
    embedder, reason = application.embedding
    return {
        "embedding": embedder.name,
        "embedding_reason": reason,
        "search": "hybrid" if embedder.semantic else "keyword search only",
        "reranker": application.settings.reranker_model,
        "language_model": application.settings.llm_model,
        "answers": "generated" if application.settings.llm_model else "extractive",
        "terminology_model": application.term_model.state(),
    }


def status(application: Application) -> dict[str, Any]:
    """Return sizes, models, and whether each derived index agrees with the database."""
    return {
        "version": application.version,
        "data_dir": str(application.settings.data_dir.resolve()),
        "database": application.store.url,
        "counts": asdict(application.store.statistics()),
        "glossary": {"senses": len(application.senses()), "revision": application.glossary.revision().glossary},
        "indexes": asdict(application.search.state()),
        "models": models(application),
    }


def suggestions(application: Application) -> list[str]:
    """Return questions to offer on an empty page: some of the sample pack's while its glossary is loaded."""
    terms = {sense.term for sense in application.senses()}
    if {"AAP", "AIP", "AM", "ESS"} <= terms:
        return [
            "AM代表什么职位？",
            "ESS培训每月几次？",
            "在产品售后流程里，AM负责哪些事情？",
            "AAP是什么意思？",
        ]
    return [f"{term}是什么意思？" for term in sorted(terms)[:4]]
