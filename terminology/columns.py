"""Recognises what the columns of a glossary sheet hold, from a header or from the cells themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from terminology.normalize import fold_key, is_chinese

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Field = Literal[
    "number",
    "term",
    "english",
    "chinese",
    "department",
    "note",
    "aliases",
    "examples",
    "valid_from",
    "valid_to",
]

# The header names that an export writes, in its order.
EXPORTED: dict[Field, str] = {
    "number": "序号",
    "term": "缩略语",
    "english": "英文全称",
    "chinese": "中文解释",
    "department": "部门",
    "note": "备注",
    "aliases": "别名",
    "examples": "例句",
    "valid_from": "生效日期",
    "valid_to": "失效日期",
}
_NAMES: dict[Field, str] = {
    "number": "序号 编号 序列 序列号 序 号 行号 项次 项目号 no no. num number # index idx id s/n sn serial 'serial no' item",
    "term": "缩略语 缩略词 缩写 缩写词 缩略 缩略字 简写 简称 英文缩写 英文简称 英文缩略语 英文缩略词 缩略语名称 术语 术语缩写 词条 代号 "
    "专业术语 名词 略语 缩语 abbreviation abbreviations abbr abbr. abbrev acronym acronyms term terms initialism 'short form' short shortform",
    "english": "英文全称 英文全名 英文全写 英文全拼 英文名称 英文名 英文 英语 英语全称 英文解释 英文释义 英文含义 英文意思 英文说明 英文词 外文 "
    "外文全称 英文原文 英文原词 全称 全写 全拼 english 'english name' 'english full name' 'full name' 'full form' fullname expansion "
    "'english term' 'long form' 'english meaning' 'english expansion' 'full english name' 'in english' en 'english definition' "
    "'full term' 'expanded form' 'full english'",
    "chinese": "中文解释 中文全称 中文名称 中文名 中文 中文含义 中文释义 中文意思 中文翻译 中文说明 中文译名 中文译文 中文全名 中文定义 汉语 汉语解释 译名 "
    "译文 翻译 解释 释义 含义 涵义 意思 定义 意义 名称 chinese 'chinese name' 'chinese meaning' 'chinese translation' meaning definition "
    "translation explanation 'chinese explanation' 'in chinese' zh cn 'chinese full name' 'chinese definition' description 'chinese term'",
    "department": "部门 所属部门 使用部门 适用部门 业务部门 归属部门 责任部门 部门名称 领域 适用领域 所属领域 专业领域 业务领域 适用范围 分类 类别 "
    "department dept dept. departments domain area field 'business unit' category division",
    "note": "备注 说明 注释 附注 注 补充说明 备注说明 note notes remark remarks comment comments",
    "aliases": "别名 别称 同义词 又称 又名 其他写法 其它写法 其他名称 其它名称 曾用名 俗称 也叫 近义词 变体 alias aliases synonym synonyms "
    "'also known as' aka variants 'other names' 'alternative names' 'other forms'",
    "examples": "例句 示例 例子 用例 举例 使用示例 使用例句 应用示例 用法 example examples usage 'example sentence' 'example sentences' 'sample sentence' "
    "'usage example' 'usage examples'",
    "valid_from": "生效日期 生效日 启用日期 生效时间 启用时间 开始日期 起始日期 有效期起 有效期自 有效起始日期 'valid from' 'effective date' "
    "'effective from' effective 'start date' from validfrom",
    "valid_to": "失效日期 失效日 废止日期 停用日期 失效时间 停用时间 截止日期 结束日期 终止日期 有效期止 有效期至 有效截止日期 'valid to' 'valid until' "
    "'valid till' expiry 'expiry date' 'expiration date' expires 'end date' until to validto",
}
_WORD = re.compile(r"'[^']+'|\S+")
_PARTS = re.compile(r"[\s/|、，,;；:：()（）\[\]【】]+")
_SEPARATORS = re.compile(r"[\s_\-*＊:：]+")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,7}[.、)）]?")


def _key(name: str) -> str:
    return _SEPARATORS.sub(" ", fold_key(name)).strip()


_BY_NAME: dict[str, Field] = {
    _key(name.strip("'")): field for field, names in _NAMES.items() for name in _WORD.findall(names)
}
# Longest first, so that 英文缩略语 is not read as 英文.
_CONTAINED = sorted((name for name in _BY_NAME if is_chinese(name) and len(name) > 1), key=len, reverse=True)


def field_of(header: str) -> Field | None:
    """Return what a header cell names, in Chinese or English, with additions such as `中文解释（必填）`; or None."""
    if len(header) > 40:
        return None
    key = _key(header)
    if key in _BY_NAME:
        return _BY_NAME[key]
    for part in _PARTS.split(key):
        if part in _BY_NAME:
            return _BY_NAME[part]
    if len(key) <= 12:
        return next((_BY_NAME[name] for name in _CONTAINED if name in key), None)
    return None


def read_header(cells: Sequence[str]) -> dict[Field, int] | None:
    """Return the column of each field if `cells` are a header: a term column and one that gives its meaning.

    Where two cells claim one field, the first keeps it.
    """
    found: dict[Field, int] = {}
    for column, cell in enumerate(cells):
        field = field_of(cell) if cell.strip() else None
        if field is not None:
            found.setdefault(field, column)
    # 名称, 全称 and the like name the Chinese side when no other cell does; a header needs two real names.
    if "term" in found and ("english" in found or "chinese" in found):
        return found
    return None


def guess_columns(rows: Sequence[Sequence[str]]) -> Mapping[Field, int] | None:
    """Read the columns of a sheet without a header: 序号, 缩略语, 英文全称, 中文解释, the number optional.

    The contract's order decides, corrected by content: the first column is the number only if it holds whole
    numbers, and of the columns after the abbreviation the most Chinese one is the Chinese name. Where all that stands
    beside one other column is numbers, they number the rows and name nothing. None when fewer than two columns hold
    text, or what should be meanings has mostly no letter in it.
    """
    used = sorted({column for row in rows for column, cell in enumerate(row) if cell.strip()})
    full = [row for row in rows if sum(1 for cell in row if cell.strip()) > 1]
    if not full or len(used) < 2:
        return None
    columns: dict[Field, int] = {}
    numbered = _share(full, used[0], _is_whole_number)
    if len(used) == 2 and numbered == 1:
        only: Field = "chinese" if _share(full, used[1], is_chinese) > 0.5 else "term"
        return {"number": used[0], only: used[1]}
    if len(used) > 2 and numbered > 0.5:
        columns["number"] = used.pop(0)
    columns["term"] = used.pop(0)
    meanings = used[:2]
    if not any(_share(full, column, _has_letter) > 0.5 for column in meanings):
        return None
    chinese = max(meanings, key=lambda column: _share(full, column, is_chinese))
    if _share(full, chinese, is_chinese) == 0:
        chinese = meanings[-1] if len(meanings) == 2 else -1
    for column in meanings:
        columns["chinese" if column == chinese else "english"] = column
    return columns


def _has_letter(cell: str) -> bool:
    return any(each.isalpha() for each in cell)


def _is_whole_number(cell: str) -> bool:
    return _WHOLE_NUMBER.fullmatch(cell.strip()) is not None


def _share(rows: Sequence[Sequence[str]], column: int, holds: object) -> float:
    cells = [row[column] for row in rows if column < len(row) and row[column].strip()]
    return sum(1 for cell in cells if callable(holds) and holds(cell)) / len(cells) if cells else 0.0
