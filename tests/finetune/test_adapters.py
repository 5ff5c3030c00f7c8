"""Promotion, rollback, and the report that tells of them; before-and-after with a model whose answers are known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from finetune.adapters import Adapters, Decision
from finetune.before_after import before_after
from finetune.errors import AdapterError, JobStateError, NothingToRollBackError, NotOfferedError
from finetune.folder import JobFolder
from finetune.report import render, write_report
from finetune.sections import markdown
from finetune.settings import TrainingSettings
from finetune.verdict import TABLE, read_table, verdict
from terminology.card import read_card
from tests.finetune.fake_evaluator import KnowingModel
from tests.finetune.service import Service, behave, recipe

LI = Decision("li")


@pytest.fixture
def adapters(service: Service, tmp_path: Path) -> Adapters:
    return Adapters(service.store, service.jobs, TrainingSettings(tmp_path / "training"))


def test_promotions_are_kept_apart_from_their_jobs(
    service: Service, adapters: Adapters, tmp_path: Path
) -> None:
    job = service.wait(service.jobs.start(recipe(tmp_path)).job)
    with pytest.raises(NothingToRollBackError):
        adapters.roll_back(LI)
    first = adapters.promote(job.id, LI)
    assert first.offered
    assert first.figures["sense_accuracy, adapter + candidates"] == 1.0
    second = adapters.promote(job.id, Decision("wang"))
    shutil.rmtree(job.folder)
    assert (Path(first.adapter) / "adapter_model.safetensors").read_bytes() == b"weights"
    assert adapters.roll_back(LI).adapter == first.adapter
    assert adapters.current().adapter != second.adapter
    assert adapters.roll_back(LI).adapter == ""
    with pytest.raises(NothingToRollBackError):
        adapters.roll_back(LI)
    assert adapters.again(second.number, LI).adapter == second.adapter
    assert [each.action for each in adapters.history()] == [
        "load",
        "rollback",
        "rollback",
        "promote",
        "promote",
    ]


def test_only_what_beats_the_base_is_offered(service: Service, adapters: Adapters, tmp_path: Path) -> None:
    wanted = recipe(tmp_path)
    behave(wanted, helps=False)
    job = service.wait(service.jobs.start(wanted).job)
    with pytest.raises(NotOfferedError, match="does not beat the base"):
        adapters.promote(job.id, LI)
    with pytest.raises(NotOfferedError):
        adapters.promote(job.id, Decision("li", "   "))
    forced = adapters.promote(job.id, Decision("li", "a trial"))
    assert (forced.offered, forced.reason) == (False, "a trial")
    assert "a trial" in markdown(JobFolder(Path(job.folder)))


def test_a_job_without_an_adapter_cannot_be_promoted(
    service: Service, adapters: Adapters, tmp_path: Path
) -> None:
    wanted = recipe(tmp_path)
    behave(wanted, fail_at=2)
    job = service.wait(service.jobs.start(wanted).job)
    with pytest.raises(JobStateError, match="failed"):
        adapters.promote(job.id, LI)
    with pytest.raises(AdapterError, match="no such folder"):
        adapters.load(tmp_path / "nope", "base", LI)
    (tmp_path / "empty").mkdir()
    with pytest.raises(AdapterError, match=r"adapter_config\.json"):
        adapters.load(tmp_path / "empty", "base", LI)


def test_a_table_that_cannot_be_read_offers_nothing(tmp_path: Path) -> None:
    folder = JobFolder(tmp_path)
    assert "not evaluated" in verdict(folder).why
    folder.evaluation.mkdir()
    for content in ("", "{", "[]", '{"offered": true}'):
        (folder.evaluation / TABLE).write_text(content)
        assert not verdict(folder).offered


def test_before_and_after_writes_table_verdict_and_card(service: Service, tmp_path: Path) -> None:
    job = service.wait(service.jobs.start(recipe(tmp_path)).job)
    folder = JobFolder(Path(job.folder))
    (folder.evaluation / TABLE).unlink()
    table = before_after(folder, lambda *_: KnowingModel(folder))
    content = read_table(folder)
    assert json.loads(json.dumps(table.to_json(), ensure_ascii=False)) == content["table"]
    assert (content["offered"], table.gained, table.lost) == (True, 2, 0)
    card = read_card(folder.adapter)
    assert (card.sense_accuracy, card.measured_on) == (1.0, "4 held-out choices")


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> JobFolder:
    """A promoted job's folder, moved away from its database."""
    root = tmp_path_factory.mktemp("reported")
    made = Service(root)
    job = made.wait(made.jobs.start(recipe(root, "术语表")).job)
    Adapters(made.store, made.jobs, TrainingSettings(root / "training")).promote(job.id, LI)
    made.close()
    return JobFolder(Path(job.folder).rename(root / "moved"))


class TestReport:
    """One job, looked at in three formats."""

    def test_everything_is_in_it_from_the_folder_alone(self, reported: JobFolder) -> None:
        text = markdown(reported)
        for wanted in (
            "Offered for use", "## Data", "## Recipe", "training.learning\\_rate", "## Training", "overfitting",
            "## Course and checkpoints", "## Before and after", "base + candidates", "## Sample pairs",
            "客户经理（Account Manager）", "## Resources", "peak memory", "## Deployment", "promote",
        ):  # fmt: skip
            assert wanted in text, wanted
        assert str(reported.path.parent) not in text
        files = write_report(reported)
        assert [file.name for file in files] == ["curves.png", "report.md", "report.html", "report.pdf"]
        assert all(file.stat().st_size > 1000 for file in files)

    def test_what_was_written_by_others_is_shown_and_never_run(self, reported: JobFolder) -> None:
        page = render(reported, "html").decode()
        assert "<b>ante" not in page
        assert "&lt;b&gt;ante&lt;/b&gt;" in page
        assert 'src="data:image/png;base64,' in page

    def test_chinese_shows_in_the_pdf(self, reported: JobFolder) -> None:
        """The text layer could hold characters that no glyph is drawn for, so the picture of the page is looked at."""
        import pymupdf

        document = pymupdf.open("pdf", render(reported, "pdf"))
        (place,) = document[0].search_for("术语表")[:1]
        drawn = {
            bytes(document[0].get_pixmap(clip=one, dpi=150, colorspace="gray").samples)
            for one in (pymupdf.Rect(place.x0 + n * place.width / 3, place.y0, place.x0 + (n + 1) * place.width / 3, place.y1) for n in range(3))
        }  # fmt: skip
        assert len(drawn) == 3, "three characters, three pictures: no boxes for missing glyphs"
        assert all(min(each) < 100 for each in drawn), "and none of them is blank"
        document.close()

    def test_a_job_that_never_began_has_a_report_too(self, tmp_path: Path) -> None:
        folder = JobFolder(tmp_path / "empty")
        folder.create()
        text = render(folder, "md").decode()
        assert "Not offered" in text
        assert render(folder, "pdf").startswith(b"%PDF")
