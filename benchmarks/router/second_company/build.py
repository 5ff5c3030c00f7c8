"""Writes the second company's files: `write(folder)` gives a glossary workbook and seven documents."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent
COPIED = ("提单操作手册.txt", "Reefer_Guide.html", "海运附加费2026.csv", "客诉理赔流程.md")

HANDBOOK = (
    (
        "第一章 工作时间与休假",
        (
            "公司实行早九晚六的工作制，午休一小时。客服部实行轮班，早班7:30到岗。",
            "入职满一年的员工每年享有7天带薪年假，满十年的享有12天。",
            "年假须提前5个工作日在OA提出，由部门主管批准。",
            "病假须提供二级以上医院的证明。病假工资按基本工资的80%发放。",
        ),
    ),
    (
        "第二章 报销",
        (
            "差旅费在返回后10天内报销，逾期不予受理。",
            "市内交通费每月上限400元。招待客户须事先申请，人均标准为180元。",
            "报销单由部门主管审批后交财务部李砚秋复核。",
        ),
    ),
    (
        "第三章 考核与培训",
        (
            "绩效考核每季度进行一次，连续两次不合格的员工须参加岗位培训。",
            "新员工的试用期为3个月，试用期内由一名导师带教。",
            "导师的职责：制定带教计划，每周与新员工面谈一次，试用期结束时写出评价。",
        ),
    ),
)
RULES = (
    (
        "危险品申报",
        (
            "DG货物须在开船前7天提交申报，材料包括危包证、MSDS和装箱声明。",
            "锂电池属于第9类危险品，荷电状态不得超过30%。",
            "危险品组组长是贺知远，值班手机 13900001177。",
        ),
    ),
    (
        "仓库安全",
        (
            "仓库内严禁烟火，灭火器每月检查一次，由仓管员签字。",
            "叉车限速为每小时10公里，充电须在指定区域进行。",
            "冷库停电超过15分钟时，设备部启动DG供电。",
            "发生泄漏时的处置：先撤离人员，再用吸附棉围堵，最后通知危险品组和安全员。",
        ),
    ),
)
AGENTS = (
    ("港口", "港口代码", "代理公司", "联系人", "电话", "免堆期（天）"),
    ("鹿特丹", "NLRTM", "Delta Vrachtlijn B.V.", "Joost Haring", "+31 10 555 0142", "5"),
    ("汉堡", "DEHAM", "Elbkontor GmbH", "Anke Vossberg", "+49 40 555 0178", "4"),
    ("洛杉矶", "USLAX", "Mesa Pacific Lines", "Rita Calloway", "+1 310 555 0119", "4"),
    ("长滩", "USLGB", "Mesa Pacific Lines", "Owen Trask", "+1 562 555 0133", "4"),
    ("新加坡", "SGSIN", "Straits Harbour Pte", "Tan Wei Lun", "+65 5550 0166", "3"),
    ("巴生", "MYPKG", "Selat Cargo Sdn", "Nur Aisyah", "+60 3 5550 0121", "7"),
    ("釜山", "KRPUS", "Haeundae Forwarding", "배지훈", "+82 51 555 0188", "6"),
    ("横滨", "JPYOK", "港灯海運", "小野寺薫", "+81 45 555 0155", "5"),
    ("迪拜杰贝阿里", "AEJEA", "Gulfgate Agency", "Samir Haddad", "+971 4 555 0144", "10"),
)


def write(folder: Path) -> Path:
    """Write `术语表.xlsx` and the folder `documents/` into `folder`; returns the folder of documents."""
    documents = folder / "documents"
    documents.mkdir(parents=True, exist_ok=True)
    _workbook(folder / "术语表.xlsx", [line.split("\t") for line in _glossary()], "术语")
    _workbook(documents / "海外代理联系表.xlsx", [["海外代理联系表（2026年6月）"], *AGENTS], "代理")
    _word(documents / "员工手册.docx", "澜渡国际货运代理有限公司员工手册", HANDBOOK)
    _word(documents / "安全规定.docx", "危险品与仓库安全规定", RULES)
    for name in COPIED:
        shutil.copyfile(HERE / name, documents / name)
    return documents


def _glossary() -> list[str]:
    return (HERE / "glossary.tsv").read_text("utf-8").splitlines()


def _workbook(path: Path, rows: Sequence[Sequence[str]], name: str) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = name
    for row in rows:
        sheet.append(list(row))
    book.save(path)


def _word(path: Path, title: str, chapters: tuple[tuple[str, tuple[str, ...]], ...]) -> None:
    import docx

    document = docx.Document()
    document.add_heading(title, 0)
    for heading, paragraphs in chapters:
        document.add_heading(heading, 1)
        for paragraph in paragraphs:
            document.add_paragraph(paragraph)
    document.save(str(path))
