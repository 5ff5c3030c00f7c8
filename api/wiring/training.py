"""The training service: its folders, its jobs, and which adapter is in use."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from api.wiring.stores import Stores

if TYPE_CHECKING:
    from finetune.adapters import Adapters
    from finetune.jobs import Jobs
    from finetune.settings import TrainingSettings


class Training(Stores):
    """Trainings of the terminology model."""

    @cached_property
    def training(self) -> TrainingSettings:
        """Where trainings live."""
        from finetune.settings import TrainingSettings

        return TrainingSettings(self.settings.data_dir.resolve() / "training")

    @cached_property
    def training_jobs(self) -> Jobs:
        """Trainings of the terminology model, queued and run in processes of their own."""
        from finetune.jobs import Jobs

        return Jobs(self.training_store, self.training, self.settings.database)

    @cached_property
    def adapters(self) -> Adapters:
        """Which adapter is in use."""
        from finetune.adapters import Adapters

        return Adapters(self.training_store, self.training_jobs, self.training)
