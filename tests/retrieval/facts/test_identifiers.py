"""Check digits against the standards' own examples and the real codes."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from retrieval.facts.identifiers import CNAPS, fits, luhn, mod_11_10, passes

_CODES = Path(__file__).resolve().parents[4] / "shared" / "data" / "codes" / "cnaps_sample.csv"


def test_iso_7064_mod_11_10_example() -> None:
    # The standard's example: 0794 has the check character 5.
    assert mod_11_10("0794") == 5


def test_other_check_digits() -> None:
    assert luhn("7992739871") == 3
    assert passes("91350100M000100Y43", "gb32100")
    assert passes("11010519491231002X", "gb11643")
    assert not passes("110105194912310021", "gb11643")


@pytest.mark.parametrize("position", range(12))
def test_a_wrong_digit_is_noticed(position: int) -> None:
    code = "402535510938"
    assert passes(code, CNAPS.check)
    wrong = code[:position] + str((int(code[position]) + 1) % 10) + code[position + 1 :]
    assert fits(wrong, CNAPS)
    assert not passes(wrong, CNAPS.check)


@pytest.mark.stress
@pytest.mark.skipif(not _CODES.exists(), reason="../shared/data/codes is not here")
def test_every_real_code_passes() -> None:
    with _CODES.open(encoding="utf-8-sig", newline="") as file:
        codes = [row["BankCode"] for row in csv.DictReader(file)]
    assert len(codes) == 419
    assert all(fits(code, CNAPS) and passes(code, CNAPS.check) for code in codes)
