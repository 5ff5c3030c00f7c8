"""Tables of an invented hotel, a training office and a property manager, with 40 questions written before the lane was run on them."""

from tests.retrieval.facts.grids import grid_of

HOTEL = [
    ["客房与会务价目"],
    ["房型", "楼层", "床位", "挂牌价（元/晚）", "协议价（元/晚）", "可住人数", "空房", "负责人", "改造日期"],
    ["豪华大床房", "8", "1", "880", "620", "2", "4", "阮玉梅", "2022-03-01"],
    ["标准双床房", "5", "2", "560", "410", "2", "0", "阮玉梅", "2019-08-10"],
    ["家庭套房", "9", "3", "1280", "950", "4", "2", "戚海波", "2024-01-15"],
    ["行政套房", "12", "1", "1680", "1260", "2", "1", "戚海波", "2023-06-30"],
]
TRAIN = [
    ["Course", "Trainer", "Hours", "Fee (EUR)", "Seats", "Start date", "Grade"],
    ["Forklift Basics", "Ivo Kern", "16", "240", "12", "2026-09-07", "B"],
    ["Cold Chain", "Lena Brandt", "8", "180", "20", "2026-10-12", "A"],
    ["Fire Safety", "Ivo Kern", "4", "0", "30", "2026-08-24", "A"],
    ["Excel Advanced", "Rosa Mendes", "12", "310", "15", "2026-11-02", "C"],
]
SUP = [
    ["物业公司", "服务内容", "联系人", "联系电话", "合同金额（万元）", "签约日期", "评分"],
    ["恒泰物业", "保洁", "郎咏", "0512-66110001", "36.5", "2025-03-01", "92"],
    ["万邦物业", "安保", "阙小虎", "0512-66110002", "58", "2024-07-15", "88"],
    ["佳苑园林", "绿化", "糜芸", "0512-66110003", "12.8", "2026-01-10", "95"],
]
TABLES = {
    "客房.xlsx": grid_of(HOTEL, merges=[(0, 0, 0, 8)], name="客房"),
    "training.csv": grid_of(TRAIN, name="training"),
    "物业.docx": grid_of(SUP, name="表1"),
}
QUESTIONS = [
    ("v", "豪华大床房的协议价", "620"),
    ("v", "家庭套房能住几个人", "4"),
    ("n", "豪华大床房押金多少", ""),
    ("n", "标准双床房早餐多少钱", ""),
    ("v", "行政套房在几楼", "12"),
    ("e", "协议价最便宜的房型", "标准双床房"),
    ("l", "阮玉梅负责哪些房型", "豪华大床房|标准双床房"),
    ("l", "没有空房的房型有哪些", "标准双床房"),
    ("c", "一共还有多少间空房", "7"),
    ("n", "总统套房多少钱一晚", ""),
    ("n", "行政套房什么时候打扫", ""),
    ("n", "豪华大床房几点退房", ""),
    ("l", "挂牌价1000以上的房型", "家庭套房|行政套房"),
    ("n", "豪华大床房比标准双床房贵多少", ""),
    ("v", "家庭套房什么时候改造的", "2024-01-15"),
    ("v", "who teaches Cold Chain", "Lena Brandt"),
    ("l", "courses taught by Ivo Kern", "Forklift Basics|Fire Safety"),
    ("v", "how long is Excel Advanced", "12"),
    ("n", "when does Fire Safety end", ""),
    ("n", "where is Cold Chain held", ""),
    ("l", "courses with grade A", "Cold Chain|Fire Safety"),
    ("l", "which courses are free", "Fire Safety"),
    ("c", "total seats", "77"),
    ("n", "price of Scuba Diving", ""),
    ("n", "Lena Brandt's phone number", ""),
    ("l", "courses starting after 2026-10-01", "Cold Chain|Excel Advanced"),
    ("v", "万邦物业的电话", "0512-66110002"),
    ("v", "保洁是哪家公司做的", "恒泰物业"),
    ("v", "糜芸是哪个公司的", "佳苑园林"),
    ("n", "恒泰物业合同什么时候到期", ""),
    ("n", "恒泰物业什么时候来保洁", ""),
    ("n", "万邦物业的邮箱", ""),
    ("c", "合同金额一共多少", "107.3万元"),
    ("l", "评分90分以上的公司", "恒泰物业|佳苑园林"),
    ("e", "最晚签约的是哪家", "佳苑园林"),
    ("c", "恒泰物业的评分比万邦物业高多少", "4"),
    ("n", "恒泰物业有多少保洁员", ""),
    ("n", "万邦物业多少人", ""),
    ("n", "佳苑园林合同几年", ""),
    ("n", "评分是A的物业公司", ""),
]
