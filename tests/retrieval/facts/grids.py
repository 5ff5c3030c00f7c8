"""Grids and lanes for the tests of exact facts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from retrieval.facts.lookup import FactLookup
from retrieval.facts.normalize import address
from retrieval.facts.row_index import RowIndex
from retrieval.facts.store import FactStore
from retrieval.facts.types import Grid, GridCell
from retrieval.store import KnowledgeStore
from retrieval.types import Document, NewDocument

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Merge = tuple[int, int, int, int]


def grid_of(
    rows: Sequence[Sequence[str]],
    merges: Sequence[Merge] = (),
    name: str = "Sheet1",
    hidden: Sequence[int] = (),
) -> Grid:
    """A sheet that starts at A1; a merge is first row, first column, last row, last column, all from 0."""
    width = max(len(row) for row in rows)
    cells = [[GridCell(text) for text in row] + [GridCell("")] * (width - len(row)) for row in rows]
    for top, left, bottom, right in merges:
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (row, column) != (top, left):
                    anchor = address(left + 1, top + 1)
                    cells[row][column] = GridCell(cells[top][left].text, merged_from=anchor)
    numbers = tuple(range(1, len(rows) + 1))
    return Grid(name, tuple(map(tuple, cells)), numbers, sheet=name, hidden_rows=tuple(hidden))


class Lane:
    """A database with the fact lane on it."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'facts.db'}"
        self.knowledge = KnowledgeStore(self.url)
        self.knowledge.create_schema()
        self.store = FactStore(self.url)
        self.index = RowIndex(folder / "rows", self.store)
        self.lookup = FactLookup(self.store, self.index)

    def put(self, name: str, *grids: Grid, groups: tuple[str, ...] = (), text: str = "") -> str:
        """Stores a document with these tables in place of the one of the same name; returns its id."""
        key = hashlib.sha256(f"{name}{text}{grids}".encode()).hexdigest()[:32]
        document = Document(key, f"/files/{name}", name, key, "text/csv", groups=groups, modified="2026-01-01")
        self.knowledge.put_document(NewDocument(document, (), grids))
        return key

    def close(self) -> None:
        """Gives the files back."""
        self.store.close()
        self.knowledge.close()


STAFF = [
    ["员工通讯录（2026年）"],
    ["工号", "姓名", "部门", "职位", "电话", "邮箱", "入职日期"],
    ["E0001", "张伟", "销售部", "客户经理", "13800138000", "zhangwei@example.cn", "2020-03-01"],
    ["E0002", "李娜", "市场部", "主管", "13900139000", "lina@example.cn", "2019-05-06"],
    ["E0003", "张伟明", "销售部", "专员", "13700137000", "zhangwm@example.cn", "2021-07-01"],
    ["E0004", "王芳", "财务部", "会计", "010-88886666", "wangfang@example.cn", "2018-01-15"],
]
PRICES = [
    ["产品名称", "型号", "单价（元）", "库存", "保修期"],
    ["激光打印机", "A100", "12,800.00", "5", "24个月"],
    ["喷墨打印机", "B200", "9,600.00", "12", "12个月"],
    ["激光打印机 Pro", "A100 Pro", "15,800.00", "3", "36个月"],
    ["墨盒", "MH-01", "199.00", "500", "3个月"],
    ["合计", "", "38,399.00", "520", ""],
]
# Invented names; the codes pass the check digit.
BRANCHES = [
    ["网点全称", "联行号", "城市", "省份"],
    ["湖北大悟农村商业银行股份有限公司兴发支行", "402535510938", "大悟县", "湖北省"],
    ["湖北大悟农村商业银行股份有限公司城北支行", "402535510946", "大悟县", "湖北省"],
    ["湖北大悟农村商业银行股份有限公司新城关支行", "402535510954", "大悟县", "湖北省"],
    ["中国农业银行股份有限公司厦门大同支行", "103393012343", "厦门市", "福建省"],
    ["中国建设银行股份有限公司厦门大同支行", "105393012341", "厦门市", "福建省"],
    ["中国工商银行股份有限公司苏州栎桥路支行", "102305012349", "苏州市", "江苏省"],
    ["中国工商银行股份有限公司苏州栎桥东路支行", "102305012357", "苏州市", "江苏省"],
    ["上海银行股份有限公司北京分行", "325100012344", "北京市", "北京市"],
    ["宁波银行股份有限公司", "313332082914", "宁波市", "浙江省"],
]
