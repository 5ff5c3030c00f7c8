"""Shared pieces of the terminology tests: a small glossary, a store in a fresh database, and the third-party data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from terminology.store import GlossaryStore
from terminology.types import Sense

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def senses() -> list[Sense]:
    rows = [
        ("AM", "Account Manager", "客户经理", "销售部"),
        ("AM", "Amplitude Modulation", "调幅", "研发部"),
        ("Act.", "Actual", "实际的", ""),
        ("AIP", "All in Print", "中国国际印刷技术及设备器械展（全印展）", ""),
        ("AAP", "Actual Achieved Price", "实际成交价", ""),
        ("IT", "Information Technology", "信息技术", ""),
        ("US", "United States", "美国", ""),
        ("T+1", "Trade plus one", "次日交割", ""),
        ("5-ALA", "5-Aminolevulinic Acid", "5-氨基乙酰丙酸", ""),
        ("2019-nCoV", "2019-Novel Coronavirus", "新型冠状病毒", ""),
        ("Ct", "Threshold Cycle", "循环阈值", ""),
        ("CT", "Computed Tomography", "计算机断层扫描", ""),
        ("WMS", "Warehouse Management System", "仓储管理系统", ""),
    ]
    return [Sense(*row[:3], id=number, department=row[3]) for number, row in enumerate(rows, 1)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[GlossaryStore]:
    store = GlossaryStore(f"sqlite:///{tmp_path / 'glossary.db'}")
    store.create_schema()
    yield store
    store.close()


@pytest.fixture(scope="session")
def data() -> Path:
    if not _DATA.is_dir():
        pytest.skip(f"third-party data is not at {_DATA}")
    return _DATA
