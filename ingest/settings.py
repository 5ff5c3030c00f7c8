"""The settings of ingestion, one frozen section."""

from __future__ import annotations

from dataclasses import dataclass, fields

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """How files are read and cut; every number must be above 0.

    Sizes of chunks are in characters. `time_limit` is in seconds for one file, `memory_limit` in bytes for the
    process that reads it. Beyond `table_rows` rows a sheet makes no further passages (its rows are all kept for
    exact facts). `workers` 0 means one for each processor, at most four.
    """

    chunk_target: int = 500
    chunk_limit: int = 900
    table_rows: int = 2_000
    time_limit: float = 60.0
    memory_limit: int = 2_048 * MEGABYTE
    max_file_size: int = 512 * MEGABYTE
    max_unpacked_size: int = 1_024 * MEGABYTE
    ocr: bool = True
    workers: int = 0
    watch_interval: float = 3.0

    def __post_init__(self) -> None:
        """Raises ValueError naming all wrong values at once."""
        wrong = [
            f"ingest.{field.name} = {value!r}: must be above 0"
            for field in fields(self)
            if field.name not in ("ocr", "workers") and (value := getattr(self, field.name)) <= 0
        ]
        if self.workers < 0:
            wrong.append(f"ingest.workers = {self.workers}: must be 0 (automatic) or above")
        if self.chunk_limit < self.chunk_target:
            wrong.append(
                f"ingest.chunk_limit = {self.chunk_limit}: must be at least chunk_target ({self.chunk_target})"
            )
        if wrong:
            raise ValueError("; ".join(wrong))
