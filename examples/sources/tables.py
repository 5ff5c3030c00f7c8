"""The pack's workbooks other than the glossary: branches, prices, duty roster, service agreements."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from examples.render.workbook import Formula, Money, Sheet
from examples.sources.branches import branches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from examples.render.workbook import Cell

_VAT = 0.13
_LICENCES: tuple[tuple[str, str, str, int, str], ...] = (
    ("MH-Flow", "00110201", "MH-Flow 5 标准版", 128_000, "85%"),
    ("MH-Flow", "00110202", "MH-Flow 5 专业版", 198_000, "85%"),
    ("MH-Flow", "00110203", "MH-Flow 5 企业版", 320_000, "80%"),
    ("MH-Flow", "00110305", "FM加网二代选件", 26_000, "90%"),
    ("MH-MIS", "00120101", "MH-MIS 基础版（10用户）", 160_000, "85%"),
    ("MH-MIS", "00120102", "MH-MIS 标准版（30用户）", 280_000, "85%"),
    ("MH-MIS", "00120103", "MH-MIS 集团版（100用户）", 560_000, "80%"),
    ("MH-MIS", "00120210", "MH-MIS 增加1用户", 3_600, "90%"),
    ("MH-Color", "00130101", "MH-Color 4 单机版", 48_000, "88%"),
    ("MH-Color", "00130102", "MH-Color 4 服务器版", 96_000, "88%"),
    ("MH-Proof", "00140101", "MH-Proof e-Proof远程打样（20名审阅者）", 36_000, "90%"),
    ("MH-Link", "00150101", "MH-Link 网关", 45_000, "88%"),
    ("MH-Link", "00150102", "MH-Link 设备接口（每台）", 9_800, "90%"),
)
_SERVICES: tuple[tuple[str, str, str, float, str], ...] = (
    ("00210101", "FSE现场服务", "天", 1_800, "差旅费另计"),
    ("00210102", "PS二次开发", "人天", 2_400, "不足半天按半天计"),
    ("00210201", "授权转移（第3次起）", "次", 600, "每年前2次免费"),
    ("00210202", "加密狗补办", "个", 1_200, "原授权24小时内作废"),
    ("00210301", "重新打样", "张", 150, "签样后改动画面时收取"),
    ("00210302", "ICC文件制作", "个", 2_200, "每种纸张1个"),
)
_COURSES: tuple[tuple[str, str, str, float, int], ...] = (
    ("TR-101", "MH-Flow操作员认证", "2天", 3_800, 12),
    ("TR-201", "MH-Color色彩管理认证", "3天", 5_600, 10),
    ("TR-301", "MH-MIS管理员认证", "3天", 5_200, 10),
    ("TR-900", "上门培训（整班）", "1天", 6_000, 15),
)
_HARDWARE: tuple[tuple[str, str, float, int, str], ...] = (
    ("00310001", "MH-Key加密狗", 1_200, 5, "24个月"),
    ("00310012", "MH-Counter机台计数器", 4_200, 1, "12个月"),
    ("00310020", "SpectraEye M1分光光度仪", 58_000, 1, "12个月"),
    ("00310021", "MH-Target-1617色靶（10张）", 480, 2, "无"),
)
_ENGINEERS = ("丁海峰", "秦朗", "卢雨桐", "韩致远", "方可", "谭嘉木")
_DUTY_PHONES = ("130-0000-2201", "130-0000-2202")
_WEEKDAYS = "一二三四五六日"
_AGREEMENTS: tuple[tuple[str, str, str, str, str, int, str, str], ...] = (
    ("000731", "青榆彩印包装有限公司", "王若涵", "金牌", "2026-12-31", 30, "MH-Flow、MH-MIS", "中国工商银行股份有限公司苏州栎桥路支行"),
    ("000732", "北屿书刊印刷厂", "许嘉宁", "银牌", "2027-02-26", 12, "MH-Flow", "中国银行股份有限公司苏州砚台街支行"),
    ("000745", "禾川印务有限公司", "王若涵", "金牌", "2026-08-15", 18, "MH-Flow、MH-Color", "江苏望榆农村商业银行股份有限公司墨衡路支行"),
    ("000750", "启明岸包装股份有限公司", "陈牧", "银牌", "2026-07-31", 24, "MH-MIS、MH-Color", "中国工商银行股份有限公司广州油墨东路支行"),
    ("000752", "湖北青槐纸品有限公司", "彭越", "铜牌", "2026-06-30", 6, "MH-Flow", "湖北青槐农村商业银行股份有限公司兴发支行"),
    ("000768", "澧栎标签印刷有限公司", "彭越", "铜牌", "2026-09-10", 8, "MH-Proof", "湖北澧栎农村商业银行股份有限公司兴发支行"),
    ("000771", "云箬艺术印刷有限公司", "王若涵", "银牌", "2027-01-20", 10, "MH-Color、MH-Proof", "浙江云箬农村商业银行股份有限公司星箬路支行"),
    ("000779", "砚溪宣纸制品厂", "王若涵", "铜牌", "2026-05-31", 4, "MH-Proof", "安徽砚溪农村商业银行股份有限公司宣纸路支行"),
    ("000783", "南屏数码图文有限公司", "陈牧", "金牌", "2026-11-05", 40, "MH-Flow、MH-Link", "招商银行股份有限公司深圳网屏路支行"),
    ("000790", "沅箬安全印务有限公司", "彭越", "金牌", "2027-03-18", 16, "MH-MIS、MH-Link", "湖南沅箬农村商业银行股份有限公司兴隆支行"),
    ("000802", "京墨图书制版有限公司", "许嘉宁", "银牌", "2026-10-22", 20, "MH-Flow", "中国农业银行股份有限公司北京雕版街支行"),
    ("000815", "石砚酒盒包装有限公司", "彭越", "银牌", "2026-12-12", 14, "MH-MIS", "四川石砚农村商业银行股份有限公司石砚桥支行"),
)  # fmt: skip


def branch_sheets() -> list[Sheet]:
    """Return the branch table; its codes are text."""
    rows: list[list[Cell]] = [
        [number, row.name, row.code, row.bank, row.city, row.province, row.address, row.phone]
        for number, row in enumerate(branches(), start=1)
    ]
    title = "往来单位开户网点联行号一览表（虚构数据，仅供演示，不得用于付款）"
    header = ("序号", "网点全称", "联行号", "银行名称", "城市", "省份", "地址", "电话")
    return [Sheet("网点", title, header, rows, (6, 48, 16, 40, 10, 10, 40, 18))]


def price_sheets() -> list[Sheet]:
    """Return the price list of 2026: licences, services, training, hardware."""
    return [_licences(), _services(), _courses(), _hardware()]


def _licences() -> Sheet:
    rows: list[Sequence[Cell]] = []
    for number, (product, code, name, price, discount) in enumerate(_LICENCES, start=3):
        taxed = Formula(f"=ROUND(D{number}*{1 + _VAT},2)", round(price * (1 + _VAT), 2))
        rows.append((product, code, name, Money(price), taxed, discount, datetime.date(2026, 1, 1)))
    header = ("产品", "货号", "名称", "目录价（元/套，不含税）", "含税价（元/套）", "最低折扣", "生效日期")
    return Sheet(
        "软件许可",
        "墨衡软件 2026年软件许可价格表",
        header,
        rows,
        (12, 12, 38, 18, 18, 10, 14),
        merged=("A3:A6", "A7:A10", "A11:A12", "A14:A15"),
        notes=("注：AAP不得低于目录价乘以最低折扣，低于最低折扣的须销售总监梁思远批准。",),
    )


def _services() -> Sheet:
    rows = [(code, name, unit, Money(price), note) for code, name, unit, price, note in _SERVICES]
    header = ("货号", "服务项目", "单位", "单价（元）", "备注")
    return Sheet("服务", "墨衡软件 2026年服务价格表", header, rows, (12, 26, 8, 14, 26))


def _courses() -> Sheet:
    rows = [(code, name, days, Money(price), seats) for code, name, days, price, seats in _COURSES]
    header = ("课程代码", "课程", "时长", "价格（元/人）", "每班上限（人）")
    notes = ("注：TR-900的价格按班计算，单位为元/班。",)
    return Sheet("培训", "墨衡软件 2026年培训价格表", header, rows, (12, 28, 8, 14, 14), notes=notes)


def _hardware() -> Sheet:
    rows = [
        (code, name, Money(price), quantity, warranty) for code, name, price, quantity, warranty in _HARDWARE
    ]
    header = ("货号", "名称", "单价（元）", "MoQ（个）", "保修期")
    return Sheet("硬件与配件", "墨衡软件 2026年硬件与配件价格表", header, rows, (12, 32, 14, 12, 10))


def duty_sheets() -> list[Sheet]:
    """Return the night duty of May 2026, two engineers a night, and the holiday duty."""
    nights: list[Sequence[Cell]] = []
    for day in range(1, 32):
        date = datetime.date(2026, 5, day)
        first, second = _ENGINEERS[(day - 1) % 6], _ENGINEERS[(day + 1) % 6]
        nights.append((date, f"星期{_WEEKDAYS[date.weekday()]}", first, second, _DUTY_PHONES[day % 2]))
    holidays = [
        (datetime.date(2026, 5, 1), "叶小满", "秦朗", "周岚"),
        (datetime.date(2026, 5, 2), "叶小满", "方可", "周岚"),
        (datetime.date(2026, 5, 3), "邹明瑶", "卢雨桐", "丁海峰"),
        (datetime.date(2026, 5, 4), "邹明瑶", "谭嘉木", "丁海峰"),
        (datetime.date(2026, 5, 5), "叶小满", "韩致远", "周岚"),
    ]
    night_header = ("日期", "星期", "主班工程师", "副班工程师", "值班手机")
    holiday_header = ("日期", "CSR", "FSE", "带班经理")
    return [
        Sheet(
            "TAC夜间值班",
            "TAC夜间值班表（2026年5月，22:00–次日8:00）",
            night_header,
            nights,
            (14, 10, 14, 14, 18),
        ),
        Sheet("劳动节值班", "劳动节假期值班表（2026年5月1日–5日）", holiday_header, holidays, (14, 12, 12, 12)),
    ]


def agreement_sheets() -> list[Sheet]:
    """Return the register of service agreements, with 19-digit account numbers and the branches' codes."""
    codes = {branch.name: branch.code for branch in branches()}
    rows: list[tuple[Cell, ...]] = [
        (
            *first,
            datetime.date.fromisoformat(until),
            seats,
            products,
            bank,
            codes[bank],
            f"8800000000{int(first[0]):09d}",
        )
        for *first, until, seats, products, bank in _AGREEMENTS
    ]
    header = (
        "客户编号",
        "客户名称",
        "AM",
        "协议等级",
        "到期日",
        "席位数",
        "产品",
        "开户行",
        "联行号",
        "银行账号",
    )
    title = "客户服务协议（SA）台账 截至2026-04-15"
    return [Sheet("台账", title, header, rows, (10, 28, 10, 10, 14, 8, 24, 48, 16, 24))]
