"""Writes the figures as JSON and as a page to read."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.machine import described, machine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.http.client import Round

FOLDER = Path(__file__).resolve().parents[1] / "results"
_PACKAGES = ("fastapi", "starlette", "uvicorn", "pydantic")


@dataclass(frozen=True, slots=True)
class Measured:
    """The rounds by load: rates and latencies, processor milliseconds a request, and the share answered from the cache.

    `endings` says where a part of each road's questions ended.
    """

    rounds: Mapping[str, Sequence[Round]]
    spent: Mapping[str, Sequence[float]]
    again: Mapping[str, Sequence[float]]
    endings: Mapping[str, Mapping[str, int]]
    clients: int


def write(measured: Measured) -> None:
    """Write benchmarks/results/http.json and http.md."""
    where = machine(_PACKAGES)
    content = {
        "machine": where,
        "clients": measured.clients,
        "endings": measured.endings,
        "processor_ms": dict(measured.spent),
        "from_cache": dict(measured.again),
        "rounds": {kind: [asdict(each) for each in found] for kind, found in measured.rounds.items()},
    }
    (FOLDER / "http.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    lines = ["# HTTP", "", "Made by `python -m benchmarks.http`.", ""]
    lines += [described(where)]
    count = len(measured.rounds["empty"])
    lines += ["", _DATA.format(clients=measured.clients, rounds=count), "", *_table(measured), ""]
    lines += [
        f"{sum(ended.values())} of the {road} questions, asked once afterwards: "
        + ", ".join(f"{n} × {name}" for name, n in ended.items())
        + "."
        for road, ended in measured.endings.items()
    ]
    (FOLDER / "http.md").write_text("\n".join(lines) + "\n", "utf-8")


def _table(measured: Measured) -> list[str]:
    lines = [
        "| load | answers a second | share of empty | p50 ms | p99 ms | p99 over empty's | processor ms a request | from the cache | failed |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for kind, found in measured.rounds.items():
        pairs = list(zip(found, measured.rounds["empty"], strict=True))
        cells = (
            _spread([each.per_second for each in found], 0),
            _spread([each.per_second / empty.per_second for each, empty in pairs], 2),
            _spread([each.p50_ms for each in found], 1),
            _spread([each.p99_ms for each in found], 1),
            _spread([each.p99_ms / empty.p99_ms for each, empty in pairs], 2),
            _spread(measured.spent[kind], 2),
            _spread(measured.again[kind], 2),
            str(sum(each.failed for each in found)),
        )
        lines.append(f"| {kind} | " + " | ".join(cells) + " |")
    return lines


def _spread(values: Sequence[float], places: int) -> str:
    return f"{statistics.median(values):.{places}f} ({min(values):.{places}f} to {max(values):.{places}f})"


_DATA = (
    "`termroute serve` over the sample pack, and an empty asynchronous FastAPI endpoint (`benchmarks/http/empty.py`) served the same way (uvicorn, one "
    "process), on 127.0.0.1; {clients} connections that are kept, one request at a time on each, from one client process on the same machine. "
    "{rounds} interleaved rounds: median (lowest to highest); ratios are of the same round. **repeated**: drawn by Zipf's law from 300 questions, as people "
    "ask; the server keeps answers that rules made while nothing they draw on has changed, and the first round has the first time of each. "
    "**all different**: no question is asked twice, so that nothing kept is of use."
)
