"""Queries that a language model proposes run in the same restricted form, on visible tables only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from retrieval.facts.errors import BadProposalError
from retrieval.facts.types import ProposedCondition, ProposedQuery

if TYPE_CHECKING:
    from tests.retrieval.facts.grids import Lane


def prices(lane: Lane) -> str:
    return next(t.table.id for t in lane.lookup.tables() if t.document == "价格表.xlsx")


def test_a_proposal_is_run(company: Lane) -> None:
    table = prices(company)
    cheap = (ProposedCondition("单价", "<", "1万元"),)
    listed = company.lookup.run(ProposedQuery(table, "list", ("库存",), cheap))
    assert {fact.label for fact in listed.facts} == {"喷墨打印机", "墨盒"}
    assert company.lookup.run(ProposedQuery(table, "count", (), cheap)).computed == "2"
    assert company.lookup.run(ProposedQuery(table, "max", ("单价",))).subject == "激光打印机 Pro"
    assert company.lookup.run(ProposedQuery(table, "sum", ("库存",))).computed == "520"
    exact = company.lookup.run(
        ProposedQuery(table, "list", ("单价",), (ProposedCondition("型号", "=", "a-100"),))
    )
    assert [fact.value for fact in exact.facts] == ["激光打印机", "12,800.00"]


@pytest.mark.parametrize(
    "wrong",
    [
        ProposedQuery("nowhere", "list"),
        ProposedQuery("", "sum", ("产品名称",)),
        ProposedQuery("", "list", ("颜色",)),
        ProposedQuery("", "list", (), (ProposedCondition("单价", "LIKE", "1"),)),
        ProposedQuery("", "list", (), (ProposedCondition("单价", "<", "贵"),)),
    ],
)
def test_a_proposal_that_fits_nothing_is_refused(company: Lane, wrong: ProposedQuery) -> None:
    table = wrong.table_id or prices(company)
    with pytest.raises(BadProposalError, match="allowed"):
        company.lookup.run(ProposedQuery(table, wrong.operation, wrong.columns, wrong.conditions))


def test_hidden_tables_cannot_be_proposed(company: Lane) -> None:
    hidden = next(t.table.id for t in company.lookup.tables() if t.document == "通讯录.xlsx")
    assert hidden not in {t.table.id for t in company.lookup.tables(frozenset({"it"}))}
    with pytest.raises(BadProposalError):
        company.lookup.run(ProposedQuery(hidden, "list"), groups=frozenset({"it"}))
