"""Small tables as companies have them (prices, devices, staff, leave), and questions about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.facts.loading import grid
from benchmarks.facts.questions import Asked

if TYPE_CHECKING:
    from retrieval.facts.types import Grid

_STAFF = [
    ["员工通讯录（2026年）", "", "", "", "", "", ""],
    ["工号", "姓名", "部门", "职位", "电话", "邮箱", "入职日期"],
    ["E0001", "张伟", "销售部", "客户经理", "13800138000", "zhangwei@example.cn", "2020-03-01"],
    ["E0002", "李娜", "市场部", "主管", "13900139000", "lina@example.cn", "2019-05-06"],
    ["E0003", "张伟明", "销售部", "专员", "13700137000", "zhangwm@example.cn", "2021-07-01"],
    ["E0004", "王芳", "财务部", "会计", "010-88886666", "wangfang@example.cn", "2018-01-15"],
    ["E0005", "刘洋", "研发部", "工程师", "13600136000", "liuyang@example.cn", "2022-11-20"],
    ["E0006", "陈静", "研发部", "架构师", "13500135000", "chenjing@example.cn", "2017-06-30"],
]
_PRICES = [
    ["产品名称", "型号", "单价（元）", "库存", "保修期"],
    ["激光打印机", "A100", "12,800.00", "5", "24个月"],
    ["喷墨打印机", "B200", "9,600.00", "12", "12个月"],
    ["激光打印机 Pro", "A100 Pro", "15,800.00", "3", "36个月"],
    ["墨盒", "MH-01", "199.00", "500", "3个月"],
    ["扫描仪", "S-7", "3,499.00", "8", "12个月"],
]
_DEVICES = [
    ["Asset No", "Device", "Location", "Purchase date", "Power (kW)", "Owner"],
    ["000103", "NovaJet 4600", "Hall A", "2021-04-02", "2.5", "Anna Berg"],
    ["000117", "PlateWriter 8000", "Hall B", "2022-09-01", "5.5", "John Miller"],
    ["000120", "Cutter X2", "Hall A", "2019-11-30", "1.1", "Anna Berg"],
]
_LEAVE = [
    ["姓名", "年假天数", "已休天数", "剩余天数"],
    ["赵敏", "10", "4", "6"],
    ["孙丽", "15", "15", "0"],
    ["周强", "5", "1.5", "3.5"],
]


def everyday_tables() -> list[tuple[str, list[Grid]]]:
    """The files with their grids."""
    return [
        ("员工通讯录.xlsx", [grid("通讯录", _STAFF)]), ("价格表.xlsx", [grid("价格", _PRICES)]),
        ("devices.csv", [grid("devices", _DEVICES)]), ("年假.xlsx", [grid("年假", _LEAVE)]),
    ]  # fmt: skip


def everyday_questions() -> list[Asked]:
    """Questions of everyday kinds with their answers."""
    values = (
        ("张伟的电话", "13800138000"), ("张伟的手机号是多少？", "13800138000"), ("李娜在哪个部门", "市场部"), ("王芳的邮箱是什么", "wangfang@example.cn"),
        ("13900139000是谁的电话", "李娜"), ("E0005是谁", "刘洋"), ("刘洋什么时候入职的", "2022-11-20"), ("销售部张伟的职位", "客户经理"),
        ("A100的单价是多少", "12,800.00"), ("A100 Pro多少钱", "15,800.00"), ("MH-01的库存", "500"), ("扫描仪保修期多长", "12个月"),
        ("S-7卖多少钱", "3,499.00"), ("What is the price of B200?", "9,600.00"), ("Where is the PlateWriter 8000?", "Hall B"),
        ("What is the asset number of NovaJet 4600?", "000103"), ("Who is the owner of Cutter X2?", "Anna Berg"), ("000117", "PlateWriter 8000"),
        ("资产编号000120是什么设备", "Cutter X2"), ("赵敏还剩多少天年假", "6"), ("孙丽的已休天数", "15"), ("周强剩余天数", "3.5"),
        ("How much power does the PlateWriter 8000 need?", "5.5"), ("When was the Cutter X2 purchased?", "2019-11-30"),
    )  # fmt: skip
    computed = (
        ("销售部有几个人", "2"), ("研发部有多少名员工", "2"), ("一共有多少种产品", "5"), ("A100和B200哪个贵", "激光打印机"), ("A100比B200贵多少", "3,200.00"),
        ("张伟在销售部吗", "是"), ("李娜在销售部吗", "否"), ("A100的单价超过1万元吗", "是"), ("how many devices are in Hall A?", "2"),
        ("B200比A100便宜吗", "是"), ("库存一共多少", "528"), ("产品单价的平均值", "8,379.6元"),
    )  # fmt: skip
    lists = (
        ("哪些产品超过1万元", "激光打印机"), ("单价低于1万元的产品有哪些", "扫描仪"), ("研发部有哪些人", "陈静"), ("谁在财务部", "王芳"),
        ("2020年以后入职的员工有哪些", "刘洋"), ("which devices are in Hall A?", "Cutter X2"), ("Which devices does Anna Berg own?", "NovaJet 4600"),
    )  # fmt: skip
    extremes = (
        ("最贵的产品是哪个", "激光打印机 Pro"), ("最便宜的产品", "墨盒"), ("库存最多的产品是什么", "墨盒"), ("谁入职最早", "陈静"), ("剩余天数最多的是谁", "赵敏"),
        ("which device has the highest power?", "PlateWriter 8000"),
    )  # fmt: skip
    absent = (
        "赵六的电话",
        "C300的单价是多少",
        "市场部张伟的电话",
        "A200多少钱",
        "张伟国的邮箱",
        "What is the price of Z900?",
        "13811112222是谁的电话",
        "钱七剩余天数",
        "000999",
        "张的电话",
    )
    return [
        *(Asked("everyday, value", q, "value", v) for q, v in values),
        *(Asked("everyday, computed", q, "value", v) for q, v in computed),
        *(Asked("everyday, list", q, "value", v) for q, v in lists),
        *(Asked("everyday, extreme", q, "value", v) for q, v in extremes),
        *(Asked("everyday, absent", q, "refused") for q in absent),
    ]
