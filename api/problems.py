"""Turns every error of every package into an HTTP problem document and an exit code: one table."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import api.errors
import finetune.errors
import ingest.errors
import retrieval.errors
import retrieval.facts.errors
import router.errors
import terminology.errors

if TYPE_CHECKING:
    from collections.abc import Sequence

SOME_FAILED, WRONG_USE, SERVICE_DOWN = 1, 2, 3
_BASE = "https://termroute.invalid/problems/"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of error is told: the last part of its `type`, its HTTP status and its exit code."""

    slug: str
    status: int
    exit_code: int = WRONG_USE


_DATABASE = Kind("database-unavailable", 503, SERVICE_DOWN)
_INDEX = Kind("index-unavailable", 503, SERVICE_DOWN)
_MODEL = Kind("model-unavailable", 503, SERVICE_DOWN)
_FILE = Kind("unreadable-file", 422)

TABLE: dict[type[Exception], Kind] = {
    api.errors.SettingsError: Kind("settings", 500),
    api.errors.NotFoundError: Kind("not-found", 404),
    api.errors.UnsafeBindError: Kind("unsafe-bind", 500),
    api.errors.PortTakenError: Kind("port-taken", 500, SERVICE_DOWN),
    api.errors.UnauthorizedError: Kind("unauthorized", 401),
    api.errors.ForbiddenError: Kind("forbidden", 403),
    api.errors.BadUploadError: Kind("bad-upload", 422),
    api.errors.BadFeedbackError: Kind("bad-feedback", 422),
    api.errors.UnknownModelError: Kind("model-not-found", 404),
    api.errors.BadMessagesError: Kind("bad-messages", 422),
    api.errors.OutsideDataDirError: Kind("forbidden", 403),
    api.errors.NoTermModelError: Kind("no-terminology-model", 503, SERVICE_DOWN),
    api.errors.OtherBaseError: Kind("other-base-model", 409),
    finetune.errors.RecipeError: Kind("bad-recipe", 422),
    finetune.errors.UnknownPresetError: Kind("unknown-preset", 422),
    finetune.errors.TrainingDataError: Kind("bad-training-data", 422),
    finetune.errors.DatasetVersionError: Kind("bad-dataset", 422),
    finetune.errors.TrainingDatabaseError: _DATABASE,
    finetune.errors.JobNotFoundError: Kind("not-found", 404),
    finetune.errors.ResultsExistError: Kind("results-exist", 409),
    finetune.errors.JobActiveError: Kind("job-active", 409),
    finetune.errors.JobStateError: Kind("job-state", 409),
    finetune.errors.OtherMachineError: Kind("other-machine", 409),
    finetune.errors.ChangedRecipeError: Kind("changed-recipe", 409),
    finetune.errors.NotOfferedError: Kind("adapter-not-offered", 409),
    finetune.errors.NothingToRollBackError: Kind("nothing-to-roll-back", 409),
    finetune.errors.AdapterError: Kind("bad-adapter", 422),
    finetune.errors.DamagedCheckpointError: Kind("damaged-checkpoint", 409),
    finetune.errors.TrainingSetupError: Kind("training-setup", 422),
    finetune.errors.TrainingMemoryError: Kind("out-of-memory", 507, SERVICE_DOWN),
    finetune.errors.ExportError: Kind("export", 422),
    router.errors.EmptyQuestionError: Kind("empty-question", 422),
    router.errors.QuestionTooLongError: Kind("question-too-long", 422),
    router.errors.ModelUnavailableError: _MODEL,
    router.errors.ConversationsUnavailableError: _DATABASE,
    router.errors.LabelsError: Kind("bad-labels", 422),
    router.errors.RunFileError: Kind("bad-run", 422),
    router.errors.BaselineError: Kind("bad-baseline", 422),
    router.errors.UtterancesError: Kind("bad-utterances", 422),
    router.errors.ClassifierError: Kind("bad-classifier", 500),
    router.errors.TrainerMissingError: Kind("trainer-missing", 501),
    retrieval.errors.DatabaseUnavailableError: _DATABASE,
    retrieval.errors.InvalidDocumentError: Kind("invalid-document", 422),
    retrieval.errors.InvalidEmbeddingsError: Kind("invalid-embeddings", 500),
    retrieval.errors.MissingEmbeddingsError: Kind("missing-embeddings", 503, SERVICE_DOWN),
    retrieval.errors.EmbedderUnavailableError: _MODEL,
    retrieval.errors.RerankerUnavailableError: _MODEL,
    retrieval.errors.OtherModelError: Kind("other-embedding-model", 503),
    retrieval.errors.DamagedIndexError: _INDEX,
    retrieval.errors.IndexBusyError: _INDEX,
    retrieval.errors.VectorsUnavailableError: _INDEX,
    retrieval.facts.errors.UnknownTableError: Kind("unknown-table", 404),
    retrieval.facts.errors.BadCorrectionError: Kind("bad-correction", 422),
    retrieval.facts.errors.RowIndexError: _INDEX,
    retrieval.facts.errors.RuleFileError: Kind("bad-rule-file", 500),
    ingest.errors.PathMissingError: Kind("no-such-path", 422),
    ingest.errors.FileProblemError: _FILE,
    ingest.errors.UnreadableError: _FILE,
    ingest.errors.EncryptedError: _FILE,
    ingest.errors.UnsupportedError: _FILE,
    ingest.errors.WorkerError: _FILE,
    ingest.errors.JobsUnavailableError: _DATABASE,
    terminology.errors.WorkbookError: Kind("bad-glossary-file", 422),
    terminology.errors.InvalidSenseError: Kind("invalid-sense", 422),
    terminology.errors.SenseNotFoundError: Kind("not-found", 404),
    terminology.errors.ProposalNotFoundError: Kind("not-found", 404),
    retrieval.facts.errors.BadProposalError: Kind("invalid-proposal", 422),
    terminology.errors.UndoConflictError: Kind("undo-conflict", 409),
    terminology.errors.GlossaryUnavailableError: _DATABASE,
    terminology.errors.TermModelError: _MODEL,
}
# Every error of the program has one of these roots.
KNOWN = (
    api.errors.ApiError,
    finetune.errors.FinetuneError,
    ingest.errors.IngestError,
    retrieval.errors.RetrievalError,
    retrieval.facts.errors.FactError,
    router.errors.RouterError,
    terminology.errors.TerminologyError,
)


def kind_of(error: Exception) -> Kind:
    """Return how `error` is told. Raises KeyError for one that the table does not know."""
    return TABLE[type(error)]


def problem(error: Exception) -> dict[str, Any]:
    """Return the RFC 9457 problem document of a known error."""
    kind = kind_of(error)
    title = kind.slug.replace("-", " ").capitalize()
    document = {"type": _BASE + kind.slug, "title": title, "status": kind.status, "detail": str(error)}
    return document | _members(error)


def _members(error: Exception) -> dict[str, Any]:
    """Return what a program can act on beyond the text (RFC 9457, extension members)."""
    if isinstance(error, finetune.errors.ResultsExistError):
        return {"choices": list(error.CHOICES)}
    if isinstance(error, finetune.errors.RecipeError):
        return {"findings": [asdict(finding) for finding in error.findings]}
    return {}


def told(error: Exception) -> dict[str, Any]:
    """Return the problem document of any error; of an unknown one it says only that the log has the details."""
    if type(error) in TABLE:
        return problem(error)
    return plain(500, "Internal error", "Something unexpected went wrong; the server's log has the details.")


def invalid_request(errors: Sequence[Any]) -> dict[str, Any]:
    """Return the problem document of a request that does not fit its schema; `errors` are pydantic's."""
    places = [{"at": ".".join(map(str, item["loc"])), "message": item["msg"]} for item in errors]
    detail = "; ".join(f"{place['at']}: {place['message']}" for place in places)
    return {
        "type": _BASE + "invalid-request",
        "title": "Invalid request",
        "status": 422,
        "detail": detail,
        "errors": places,
    }


def plain(status: int, title: str, detail: str) -> dict[str, Any]:
    """Return the problem document of an HTTP status that no error of ours stands behind."""
    slug = title.lower().replace(" ", "-")
    return {"type": _BASE + slug, "title": title, "status": status, "detail": detail}
