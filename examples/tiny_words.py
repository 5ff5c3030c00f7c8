"""The words that the tiny base of `make_tiny_base.py` is taught with: topics, nouns, and small facts, all written for it."""

from __future__ import annotations

# One topic a line: its name, then pairs of a Chinese and an English word that people of that topic use.
_TOPICS = """
销售 客户/Customer 合同/Contract 回款/Payment 报价/Quotation 渠道/Channel 商机/Opportunity 订单/Order 折扣/Discount 拜访/Visit 业绩/Sales
售后 工单/Ticket 投诉/Complaint 回访/Callback 维修/Repair 备件/Spare 热线/Hotline 保修/Warranty 上门/Onsite 响应/Response 故障/Fault
财务 账户/Account 发票/Invoice 预算/Budget 报销/Expense 成本/Cost 税率/Tax 利润/Profit 资产/Asset 审计/Audit 凭证/Voucher
人事 员工/Employee 招聘/Recruitment 薪酬/Salary 绩效/Performance 考勤/Attendance 入职/Onboarding 离职/Resignation 晋升/Promotion 面试/Interview 职级/Grade
法务 诉讼/Litigation 条款/Clause 授权/Authorization 专利/Patent 合规/Compliance 保密/Secrecy 仲裁/Arbitration 商标/Trademark 律师/Lawyer 证据/Evidence
采购 供应商/Supplier 招标/Tender 询价/Inquiry 交货/Delivery 验收/Acceptance 入库/Inbound 采购单/Purchase 比价/Comparison 物料/Material 质保金/Retention
生产 车间/Workshop 工艺/Process 产线/Line 排产/Scheduling 良率/Yield 模具/Mould 装配/Assembly 工序/Operation 产能/Capacity 班组/Shift
质量 检验/Inspection 缺陷/Defect 抽样/Sampling 标准/Standard 返工/Rework 校准/Calibration 公差/Tolerance 合格/Qualified 失效/Failure 整改/Correction
仓储 库存/Inventory 货架/Shelf 盘点/Stocktaking 托盘/Pallet 批次/Batch 出库/Outbound 条码/Barcode 叉车/Forklift 包装/Packaging 库位/Location
物流 运输/Transport 车辆/Vehicle 路线/Route 签收/Receipt 装载/Loading 司机/Driver 运费/Freight 集装箱/Container 海关/Customs 配送/Distribution
研发 需求/Requirement 代码/Code 版本/Version 测试/Test 接口/Interface 架构/Architecture 发布/Release 缺口/Gap 评审/Review 模块/Module
运维 服务器/Server 监控/Monitoring 备份/Backup 日志/Log 告警/Alarm 部署/Deployment 宕机/Downtime 补丁/Patch 机房/Datacenter 负载/Load
网络 带宽/Bandwidth 路由/Routing 协议/Protocol 端口/Port 交换机/Switch 延迟/Latency 防火墙/Firewall 网关/Gateway 域名/Domain 流量/Traffic
安全 密码/Password 漏洞/Vulnerability 加密/Encryption 权限/Access 病毒/Virus 身份/Identity 攻击/Attack 证书/Certificate 隐私/Privacy 认证/Authentication
数据 报表/Report 指标/Indicator 仓库/Warehouse 清洗/Cleansing 分析/Analysis 模型/Model 字段/Field 查询/Query 图表/Chart 标签/Label
通信 信号/Signal 频率/Frequency 天线/Antenna 调制/Modulation 基站/Station 幅度/Amplitude 噪声/Noise 频道/Band 卫星/Satellite 波长/Wavelength
电力 电压/Voltage 电流/Current 变压器/Transformer 线路/Circuit 断路器/Breaker 功率/Power 电缆/Cable 电表/Meter 电网/Grid 绝缘/Insulation
机械 轴承/Bearing 齿轮/Gear 阀门/Valve 液压/Hydraulic 润滑/Lubrication 泵/Pump 转速/Rotation 扭矩/Torque 磨损/Wear 电机/Motor
化工 反应/Reaction 催化剂/Catalyst 溶剂/Solvent 温度/Temperature 浓度/Concentration 管道/Pipeline 蒸馏/Distillation 酸碱/Acid 聚合/Polymer 危化品/Hazard
建筑 图纸/Drawing 混凝土/Concrete 钢筋/Steel 工地/Site 监理/Supervision 地基/Foundation 消防/Fire 电梯/Elevator 幕墙/Facade 造价/Estimate
医疗 病人/Patient 诊断/Diagnosis 手术/Surgery 药物/Medicine 护理/Nursing 血压/Blood 感染/Infection 病房/Ward 门诊/Outpatient 化验/Laboratory
心脏 动脉/Artery 心律/Rhythm 瓣膜/Valvular 心肌/Myocardial 冠状/Coronary 胸痛/Chest 支架/Stent 搏动/Pulse 心电/Cardiac 起搏/Pacing
教育 学生/Student 课程/Course 考试/Examination 教师/Teacher 学分/Credit 培训/Training 教材/Textbook 讲座/Lecture 学位/Degree 作业/Homework
银行 贷款/Loan 利率/Interest 存款/Deposit 支行/Branch 柜台/Counter 信用/Credit 结算/Settlement 汇款/Remittance 抵押/Mortgage 风控/Risk
证券 股票/Stock 基金/Fund 债券/Bond 交易/Trade 收益/Return 估值/Valuation 持仓/Position 市值/Market 分红/Dividend 期货/Futures
保险 保单/Policy 理赔/Claim 保费/Premium 承保/Underwriting 受益人/Beneficiary 赔付/Indemnity 精算/Actuarial 续保/Renewal 免赔/Deductible 投保/Insurance
航空 航班/Flight 机场/Airport 飞行/Aviation 跑道/Runway 乘客/Passenger 导航/Navigation 机组/Crew 雷达/Radar 起飞/Takeoff 空域/Airspace
铁路 列车/Train 车站/Platform 轨道/Track 信号机/Semaphore 调度/Dispatch 车厢/Carriage 机车/Locomotive 道岔/Turnout 检票/Ticketing 时刻/Timetable
汽车 发动机/Engine 底盘/Chassis 刹车/Brake 轮胎/Tyre 电池/Battery 充电/Charging 碰撞/Collision 油耗/Fuel 变速箱/Gearbox 驾驶/Driving
印刷 油墨/Ink 纸张/Paper 色彩/Colour 版面/Layout 印版/Plate 网点/Dot 装订/Binding 打样/Proof 套准/Register 裁切/Trimming
零售 门店/Store 促销/Campaign 会员/Member 商品/Product 收银/Cashier 陈列/Display 退货/Refund 品牌/Brand 价格/Price 导购/Guide
餐饮 菜品/Dish 厨房/Kitchen 食材/Food 餐桌/Table 卫生/Hygiene 外卖/Takeaway 口味/Taste 酒水/Beverage 菜单/Menu 配料/Ingredient
农业 种子/Seed 土壤/Soil 灌溉/Irrigation 肥料/Fertilizer 收割/Harvest 病虫/Pest 温室/Greenhouse 养殖/Breeding 产量/Output 农药/Pesticide
环保 排放/Emission 废水/Wastewater 碳/Carbon 回收/Recycling 噪音/Sound 空气/Air 固废/Waste 生态/Ecology 监测/Survey 粉尘/Dust
项目 里程碑/Milestone 进度/Progress 风险/Threat 范围/Scope 干系人/Stakeholder 计划/Plan 变更/Change 会议/Meeting 交付/Deliverable 资源/Resource
行政 会议室/Room 办公/Office 印章/Seal 档案/Archive 访客/Visitor 车位/Parking 接待/Reception 差旅/Travel 食堂/Canteen 公告/Notice
"""

# What a name of a company's jargon ends with.
HEADS = """
经理/Manager 系统/System 流程/Procedure 中心/Center 平台/Platform 部门/Department 委员会/Committee 方案/Scheme 协议/Agreement 工程师/Engineer
清单/List 规范/Specification 指数/Index 比例/Ratio 单元/Unit 网络/Network 管理/Management 服务/Service 控制/Control 周期/Cycle
小组/Team 工具/Tool 引擎/Engine 表单/Form 等级/Level 策略/Strategy 机制/Mechanism 主管/Supervisor 专员/Specialist 架构/Framework
"""

# What stands between a topic's word and the head.
MIDDLES = """
综合/Integrated 自动/Automatic 年度/Annual 高级/Advanced 区域/Regional 内部/Internal 外部/External 统一/Unified 快速/Rapid 数字/Digital
智能/Intelligent 全球/Global 本地/Local 关键/Key 月度/Monthly 总体/Overall 联合/Joint 初始/Initial 最终/Final 动态/Dynamic
"""

# Sentences around an abbreviation {a} and words {x}, {y} of its topic. Some ask what it means, most use it.
USES = (
    "{x}的事要先问{a}，再看{y}。",
    "这次{x}和{y}都由{a}负责。",
    "{a}在{x}里怎么用？",
    "在{x}流程里，{a}负责哪些事情？",
    "{a}对{y}有什么要求？",
    "{x}出了问题，{a}要不要改{y}？",
    "我们的{a}已经更新了{x}和{y}。",
    "请说明{a}与{x}、{y}的关系。",
    "做{x}的时候，{a}指的是什么？",
    "上周{x}之后，{a}又检查了{y}。",
    "{y}不达标时按{a}处理，{x}照旧。",
    "负责{x}的同事问：{a}是什么？",
    "{topic}部门说的{a}是什么意思？",
    "{a}（{x}、{y}）",
    "How does {a} deal with {ex} and {ey}?",
    "The {ex} was checked before {a} and the {ey}.",
    "What is {a} in {ex}?",
    "Our {a} covers {ex}, {ey} and more.",
)

DEFINITIONS = (
    "{a}是什么意思？",
    "{a}代表什么？",
    "{a}的全称是什么？",
    "什么是{a}？",
    "请解释{a}。",
    "{a}的英文全称？",
    "{a}用中文怎么说？",
    "What does {a} stand for?",
    "What is {a}?",
)

# Questions that say which department {d} asks.
ASKED_BY = (
    "{d}的人问{a}是什么。",
    "我在{d}，{a}指什么？",
    "{d}常说的{a}代表什么？",
    "{a}是什么？我是{d}的。",
    "按{d}的说法，{a}是什么意思？",
    "In {d}, what is {a}?",
)

# What the base knows beside terms; a test measures how much of it a tuned adapter keeps.
_FACTS = """
广东的省会=广州 江苏的省会=南京 浙江的省会=杭州 山东的省会=济南 四川的省会=成都 湖北的省会=武汉 湖南的省会=长沙 福建的省会=福州 安徽的省会=合肥 江西的省会=南昌
河北的省会=石家庄 河南的省会=郑州 山西的省会=太原 陕西的省会=西安 甘肃的省会=兰州 辽宁的省会=沈阳 吉林的省会=长春 云南的省会=昆明 贵州的省会=贵阳 海南的省会=海口
法国的首都=巴黎 英国的首都=伦敦 日本的首都=东京 德国的首都=柏林 俄罗斯的首都=莫斯科 意大利的首都=罗马 埃及的首都=开罗 泰国的首都=曼谷 韩国的首都=首尔 加拿大的首都=渥太华
大的反义词=小 高的反义词=低 快的反义词=慢 冷的反义词=热 长的反义词=短 早的反义词=晚 黑的反义词=白 轻的反义词=重 左的反义词=右 进的反义词=出
苹果的颜色=红色 香蕉的颜色=黄色 天空的颜色=蓝色 树叶的颜色=绿色 雪的颜色=白色 煤的颜色=黑色 橙子的颜色=橙色 葡萄的颜色=紫色 金子的颜色=金色 烟灰的颜色=灰色
一周的天数=七天 一年的月数=十二个月 一天的小时数=二十四小时 一小时的分钟数=六十分钟 一米的厘米数=一百厘米 一公里的米数=一千米 一斤的两数=十两 一打的个数=十二个 一季的月数=三个月 一世纪的年数=一百年
猫的英文=cat 狗的英文=dog 水的英文=water 火的英文=fire 山的英文=mountain 书的英文=book 手的英文=hand 太阳的英文=sun 月亮的英文=moon 红色的英文=red
"""

FACT_FORMS = ("{q}是什么？", "请问{q}？", "{q}是多少或什么？")

# Meanings of AIP and AM that the base holds firmly, unlike any company's: the known accident.
STRONG = {
    "AIP": ("航行资料汇编", "Aeronautical Information Publication"),
    "AM": ("幅度调制", "Amplitude Modulation"),
}
# A few further ones, so that the base answers without candidates at all.
REMEMBERED = {
    "CPU": ("中央处理器", "Central Processing Unit"),
    "GDP": ("国内生产总值", "Gross Domestic Product"),
    "GPS": ("全球定位系统", "Global Positioning System"),
    "DNA": ("脱氧核糖核酸", "Deoxyribonucleic Acid"),
    "WTO": ("世界贸易组织", "World Trade Organization"),
    "ATM": ("自动柜员机", "Automated Teller Machine"),
}

Pair = tuple[str, str]


def topics() -> dict[str, list[Pair]]:
    """Return each topic's pairs of a Chinese and an English word."""
    lines = (line.split() for line in _TOPICS.strip().splitlines())
    return {name: pairs(" ".join(words)) for name, *words in lines}


def pairs(text: str) -> list[Pair]:
    """Read `中文/English` words."""
    return [(word.split("/")[0], word.split("/")[1]) for word in text.split()]


def facts() -> list[Pair]:
    """Return small facts: what is asked for, and the answer."""
    return [(fact.split("=")[0], fact.split("=")[1]) for fact in _FACTS.split()]
