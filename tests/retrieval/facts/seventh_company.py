"""Tables of an invented group of hotels, and questions on the classes that another company's failures showed.

Kinds as in `industries`.
"""

from tests.retrieval.facts.grids import grid_of

HOTELS = [
    ["云汀酒店集团 门店基本信息表"] + [""] * 9,
    [
        "省份",
        "店名",
        "English name",
        "类型",
        "客房数（间）",
        "建筑面积（m²）",
        "开业日期",
        "消防",
        "",
        "主力锅炉型号",
    ],
    ["", "", "", "", "", "", "", "水池容量（t）", "出口数", ""],
    ["江西", "庐山一期度假酒店", "Lushan Phase I", "度假", "133", "14900", "2012-11-28", "60", "4", "YB82-150"],
    [
        "江西",
        "庐山二期度假酒店",
        "Lushan Phase II",
        "度假",
        "124",
        "14800",
        "2015-09-16",
        "66",
        "5",
        "GB93-200",
    ],
    ["浙江", "千岛湖N2度假酒店", "Qiandao N2", "度假", "90", "9800", "2019-12-20", "40", "3", "GB93-200"],
    ["浙江", "千岛湖N3度假酒店", "Qiandao N3", "度假", "115", "9900", "2021-05-01", "44", "3", "MB14-300"],
    ["浙江", "西溪会议酒店", "Xixi Conference", "会议", "260", "31000", "2023-12-15", "110", "9", "MB14-300"],
]
BOILERS = [
    ["锅炉型号参数表 / Boiler model data"] + [""] * 5,
    [
        "型号 Model",
        "厂家 OEM",
        "额定功率 Rated power（kW）",
        "烟囱高度 Stack height（m）",
        "出口水温（℃）",
        "能效等级 EU class",
    ],
    ["YB82-150", "云锅装备", "150", "12", "75", "IIA"],
    ["GB93-200", "高热重工", "200", "15", "80", "IIIA"],
    ["MB14-300", "明热科技", "300", "18", "82", "IIB"],
]
NIGHTS = [
    ["2026年上半年各店客房间夜（单位：间夜）"] + [""] * 6,
    ["酒店", "一季度", "", "", "二季度", "", ""],
    ["", "1月", "2月", "3月", "4月", "5月", "6月"],
    ["庐山一期度假酒店", "1878", "1605", "2056", "1555", "1233", "2459"],
    ["庐山二期度假酒店", "1381", "1216", "1493", "1611", "1860", "2210"],
    ["西溪会议酒店", "4058", "4475", "4205", "5266", "4226", "5730"],
]
PARTS = [
    ["备件编号", "备件名称", "Part name", "适用锅炉系列", "单价（元）", "库存数量", "仓库", "供应商"],
    ["HP-01", "点火电极", "Ignition electrode", "YB82", "289.69", "4", "杭州库", "明热备件中心"],
    ["HP-02", "点火电极", "Ignition electrode", "GB93", "354.19", "24", "南昌库", "高热售后"],
    ["HP-03", "高温循环水泵", "Circulation pump", "YB82", "1520.13", "2", "杭州库", "明热备件中心"],
    ["HP-04", "高温循环水泵", "Circulation pump", "GB93", "1620.00", "3", "南昌库", "高热售后"],
    ["HP-05", "燃烧器风机", "Burner fan", "GB93", "990.50", "1", "杭州库", "高热售后"],
]
CONTRACTS = [
    ["合同台账（2026年）"] + [""] * 5,
    ["合同编号", "乙方", "合同内容", "金额（万元）", "签订日期", "到期日", "负责人"],
    ["HT-018", "布草洗涤厂", "五年布草洗涤", "486", "2024-03-12", "2029-03-11", "祁向南"],
    ["HT-027", "蓝梯维保", "电梯维保", "62.5", "2024-05-20", "2027-05-19", "祁向南"],
    ["HT-015", "青檐园艺", "绿植租摆", "55", "2025-08-01", "2026-07-31", "祁向南"],
    ["HT-033", "法衡律所", "法律顾问", "0.48", "2025-06-03", "2026-12-31", "褚安"],
]
TABLES = {
    "酒店台账.xlsx": grid_of(
        HOTELS,
        merges=[(0, 0, 0, 9), (1, 7, 1, 8), *((1, c, 2, c) for c in (0, 1, 2, 3, 4, 5, 6, 9))],
        name="酒店",
    ),
    "锅炉参数.xlsx": grid_of(BOILERS, merges=[(0, 0, 0, 5)], name="型号参数"),
    "2026上半年间夜.xlsx": grid_of(
        NIGHTS, merges=[(0, 0, 0, 6), (1, 0, 2, 0), (1, 1, 1, 3), (1, 4, 1, 6)], name="客房间夜"
    ),
    "spare_parts.csv": grid_of(PARTS, name="spare_parts"),
    "合同台账.xlsx": grid_of(CONTRACTS, merges=[(0, 0, 0, 6)], name="合同"),
}
QUESTIONS = [
    # A model in the table of the hotels that have it, and in its own: what is asked of it decides.
    ("v", "GB93-200的EU class是什么？", "IIIA"),
    ("v", "MB14-300的烟囱有多高？", "18"),
    ("v", "stack height of GB93-200?", "15"),
    ("n", "What is the weight of the MB14-300 flange?", ""),
    ("n", "burner speed of YB82-150?", ""),
    ("n", "GB93-200的噪音是多少", ""),
    ("c", "用GB93-200作主力锅炉型号的店有几个？", "2"),
    ("v", "YB82用的循环水泵放在哪个仓库？", "杭州库"),
    # Columns under a group, and months under quarters, with what is measured in the title.
    ("v", "西溪会议酒店5月份客房间夜是多少？", "4226"),
    ("v", "庐山一期度假酒店3月客房间夜", "2056"),
    ("v", "西溪会议酒店消防水池容量", "110"),
    ("n", "西溪会议酒店7月份客房间夜是多少？", ""),
    # A bound behind whose year its column stands, and a range with one scale.
    ("v", "祁向南负责的合同里哪份2026年到期？", "HT-015"),
    ("l", "50到100万之间的合同有哪些？", "HT-027|HT-015"),
    ("l", "2026年到期的合同有哪些", "HT-015|HT-033"),
    # Counts of rows by either of their names, and by a number that the question gives.
    ("c", "How many spare parts are stored in 杭州库?", "3"),
    ("c", "江西两个店加起来客房数多少间？", "257间"),
    ("n", "江西三个店加起来客房数多少间？", ""),
    ("c", "Total number of rooms in Zhejiang (浙江)?", "465间"),
    # The second name leaves out what the first one says; a name said again in brackets.
    ("c", "千岛湖N2和N3哪个客房多？", "千岛湖N3度假酒店"),
    ("c", "庐山一期和二期哪个建筑面积大", "庐山一期度假酒店"),
    ("n", "千岛湖N2和N4哪个客房多？", ""),
    ("v", "How much is the burner fan (燃烧器风机)?", "990.50"),
    ("e", "建筑面积最小的店", "千岛湖N2度假酒店"),
    ("e", "最老的酒店是哪家", "庐山一期度假酒店"),
]
