"""The ways of reading a folder that are compared, each a function from files to what came of them."""

from __future__ import annotations

import tempfile
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

from ingest.parsers.mupdf import pymupdf
from ingest.pipeline import Pipeline
from ingest.settings import IngestSettings
from ingest.workers import Workers
from retrieval.hashed import HashedEmbedder
from retrieval.store import KnowledgeStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CHUNK_SIZE = 500


@dataclass(frozen=True)
class Outcome:
    """What a system made of the files; `failed` counts those that it gave nothing for."""

    files: int
    failed: int
    pages: int
    characters: int
    passages: int = 0
    tables: int = 0


class LangChainHashed(Embeddings):
    """The embedder of the product, for the recipe: both sides embed alike."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        rows: list[list[float]] = HashedEmbedder().embed_documents_array(texts).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def bare(files: Sequence[Path]) -> Outcome:
    """PyMuPDF's text of every page, nothing else."""
    failed = pages = characters = 0
    for file in files:
        try:
            with pymupdf.open(str(file)) as document:
                texts = [page.get_text() for page in document]
        except (RuntimeError, ValueError):
            failed += 1
            continue
        pages += len(texts)
        characters += sum(map(len, texts))
        failed += not any(text.strip() for text in texts)
    return Outcome(len(files), failed, pages, characters)


def recipe(files: Sequence[Path]) -> Outcome:
    """PyMuPDFLoader, RecursiveCharacterTextSplitter and FAISS.from_documents, in memory."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from langchain_community.document_loaders import PyMuPDFLoader
        from langchain_community.vectorstores import FAISS
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    loaded = []
    failed = 0
    for file in files:
        try:
            documents = PyMuPDFLoader(str(file)).load()
        except Exception:  # noqa: BLE001 (whatever the loader raises, the file is lost to the recipe)
            failed += 1
            continue
        loaded += documents
        failed += not any(document.page_content.strip() for document in documents)
    splitter = RecursiveCharacterTextSplitter(chunk_size=CHUNK_SIZE, chunk_overlap=0)
    chunks = [chunk for chunk in splitter.split_documents(loaded) if chunk.page_content.strip()]
    if chunks:
        FAISS.from_documents(chunks, LangChainHashed())
    characters = sum(len(document.page_content) for document in loaded)
    return Outcome(len(files), failed, len(loaded), characters, len(chunks))


class TermRoute:
    """The product: parse in worker processes, clean, chunk, embed, and store in one transaction a file."""

    def __init__(self, *, workers: int, ocr: bool) -> None:
        self._settings = IngestSettings(workers=workers, ocr=ocr)
        self._workers = Workers(self._settings)

    def __call__(self, files: Sequence[Path]) -> Outcome:
        with tempfile.TemporaryDirectory() as folder:
            store = KnowledgeStore(f"sqlite:///{folder}/knowledge.sqlite3")
            store.create_schema()
            pipeline = Pipeline(store, HashedEmbedder(), self._settings, workers=self._workers)
            reports = list(pipeline.ingest(files))
            characters = sum(len(c.text) for document in store.documents() for c in store.chunks(document.id))
            store.close()
        return Outcome(
            len(reports),
            sum(report.status in ("failed", "skipped") for report in reports),
            sum(report.pages for report in reports),
            characters,
            sum(report.chunks for report in reports),
            sum(report.tables for report in reports),
        )

    def close(self) -> None:
        self._workers.close()
