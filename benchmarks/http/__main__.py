"""Measures answers through HTTP beside an empty endpoint: python -m benchmarks.http [--rounds 5]."""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks.http import client
from benchmarks.http.questions import fact_questions, term_questions
from benchmarks.http.report import write
from examples.demo import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CLIENTS = 50
EMPTY_REQUESTS, LOADED_REQUESTS = 4_000, 1_500


def main() -> int:
    """Run the rounds and write benchmarks/results/http.{json,md}."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument(
        "--requests", type=int, default=LOADED_REQUESTS, help="term and fact requests a round"
    )
    chosen = arguments.parse_args()
    loads = {
        "empty": [client.request()] * EMPTY_REQUESTS,
        "term": _repeated([client.request(each) for each in term_questions()], chosen.requests),
        "fact": _repeated([client.request(each) for each in fact_questions()], chosen.requests),
    }
    with tempfile.TemporaryDirectory() as name:
        environment = _environment(Path(name))
        _load(environment)
        with (
            _server(["-m", "benchmarks.http.empty", "{port}"], environment) as empty,
            _server(["-m", "api", "serve", "--port", "{port}"], environment) as ours,
        ):
            ports = {"empty": empty, "term": ours, "fact": ours}
            endings = {name: _endings(ours, asked()) for name, asked in _ASKED.items()}
            for kind in loads:
                client.run(ports[kind], loads[kind][:300], CLIENTS)
            rounds: dict[str, list[client.Round]] = {kind: [] for kind in loads}
            spent: dict[str, list[float]] = {kind: [] for kind in loads}
            for _ in range(chosen.rounds):
                # Interleaved, so that what else the machine does falls on all of them.
                for kind, requests in loads.items():
                    before = _processor_ms(ports[kind])
                    rounds[kind].append(client.run(ports[kind], requests, CLIENTS))
                    spent[kind].append((_processor_ms(ports[kind]) - before) / len(requests))
                    print(kind, rounds[kind][-1], flush=True)
    write(rounds, spent, endings, CLIENTS)
    return 0


_PROCESSES: dict[int, psutil.Process] = {}
_ASKED = {"term": term_questions, "fact": fact_questions}


def _repeated(requests: Sequence[bytes], count: int) -> list[bytes]:
    return [requests[place % len(requests)] for place in range(count)]


def _environment(folder: Path) -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("TERMROUTE_")}
    return clean | {"TERMROUTE_DATA_DIR": str(folder), "TERMROUTE_EMBEDDING_MODEL": "hashed"}


def _load(environment: dict[str, str]) -> None:
    for words in (
        ["terms", "import", str(HERE / "glossary" / "公司常用缩略语.xlsx")],
        ["ingest", str(HERE / "knowledge")],
    ):
        subprocess.run(
            [sys.executable, "-m", "api", *words], env=environment, check=True, stdout=subprocess.DEVNULL
        )


@contextmanager
def _server(words: Sequence[str], environment: dict[str, str]) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen([sys.executable, *(word.format(port=port) for word in words)], env=environment)
    _PROCESSES[port] = psutil.Process(process.pid)
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _processor_ms(port: int) -> float:
    """Milliseconds of processor that the server on `port` has used so far."""
    times = _PROCESSES[port].cpu_times()
    return float(times.user + times.system) * 1000


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return
        except OSError:
            if process.poll() is not None:
                raise
            time.sleep(0.25)
    raise TimeoutError("the server did not start in a minute")


def _endings(port: int, questions: Sequence[str]) -> dict[str, int]:
    """Ask each question once and count where it went, so that the figures are known to be of answers."""
    counted: Counter[str] = Counter()
    for question in questions:
        body = json.dumps({"question": question}).encode()
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/chat", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(asked, timeout=30) as response:
            answer = json.load(response)
        counted[f"{answer['route']}, {answer['status']}"] += 1
    return dict(counted.most_common())


if __name__ == "__main__":
    sys.exit(main())
