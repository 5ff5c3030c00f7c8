"""How documents come in, are shown and go."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from api.errors import NotFoundError
from api.wiring.capabilities import Capabilities

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.uploads import Uploads
    from ingest.pipeline import Pipeline
    from ingest.types import Progress
    from retrieval.types import Document


class Catalogue(Capabilities):
    """The collection of documents, and what fills it."""

    @cached_property
    def pipeline(self) -> Pipeline:
        """Reads files into the database."""
        return self.open_pipeline(None)

    def open_pipeline(self, progress: Callable[[Progress], None] | None) -> Pipeline:
        """Open a pipeline of its own, which tells `progress` how far it is; the caller closes it."""
        from ingest.pipeline import Pipeline
        from ingest.settings import IngestSettings

        settings = IngestSettings(time_limit=self.settings.file_time_limit, ocr=self.settings.ocr)
        return Pipeline(self.store, self.embedder, settings, progress=progress)

    @cached_property
    def uploads(self) -> Uploads:
        """Takes files over HTTP."""
        from api.uploads import Uploads
        from ingest.settings import IngestSettings

        folder = self.settings.data_dir / "uploads"
        return Uploads(
            folder,
            self.jobs,
            lambda: self.pipeline,
            IngestSettings().max_file_size,
            self.store.document_by_source,
            self._documents_changed,
        )

    def _documents_changed(self) -> None:
        """After an upload: the indexes follow, and terminology learns anew how documents use the terms."""
        self.catch_up()
        self.resolver.documents_changed()
        self.resolver.prepare()

    def documents(self, groups: frozenset[str] | None) -> list[Document]:
        """Return the documents that `groups` may see (None: all)."""
        found = self.store.documents()
        if groups is None:
            return found
        return [document for document in found if not document.groups or groups & set(document.groups)]

    def document(self, document_id: str) -> Document:
        """Return one document. Raises NotFoundError."""
        found = self.store.document(document_id)
        if found is None:
            raise NotFoundError("document", document_id)
        return found

    def delete_document(self, document_id: str) -> None:
        """Delete a document from the database and the derived indexes; an uploaded file goes too."""
        from ingest.files import absolute

        document = self.document(document_id)
        self.store.delete_document(document_id)
        self.catch_up()
        uploaded = self.settings.data_dir / "uploads" / document.name
        if uploaded.exists() and str(absolute(uploaded)) == document.source:
            uploaded.unlink()
