"""An invented company's jargon: 50 abbreviations, 20 of them with two senses, and documents that use their full names."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from examples.tiny_words import FACT_FORMS, facts
from finetune.types import Sample
from terminology.types import Sense

# Abbreviation, Chinese name, English name, department; 30 with one sense, then 20 with two.
_ROWS = """
CRM 客户关系管理 Customer_Relationship_Management 销售
ERP 企业资源计划 Enterprise_Resource_Planning 财务
OKR 目标与关键成果 Objectives_and_Key_Results 人事
BOM 物料清单 Bill_of_Materials 生产
RMA 退货授权 Return_Material_Authorization 售后
NDA 保密协议 Non_Disclosure_Agreement 法务
RFQ 询价单 Request_for_Quotation 采购
WMS 仓储管理系统 Warehouse_Management_System 仓储
TMS 运输管理系统 Transport_Management_System 物流
SOP 标准作业程序 Standard_Operating_Procedure 质量
FAT 工厂验收测试 Factory_Acceptance_Test 质量
MES 制造执行系统 Manufacturing_Execution_System 生产
EOL 产品停产 End_of_Life 销售
KYC 客户身份核实 Know_Your_Customer 财务
PTO 带薪休假 Paid_Time_Off 人事
ETA 预计到达时间 Estimated_Time_of_Arrival 物流
SKU 库存单位 Stock_Keeping_Unit 仓储
MOQ 最小订购量 Minimum_Order_Quantity 采购
RCA 根本原因分析 Root_Cause_Analysis 质量
UAT 用户验收测试 User_Acceptance_Test 研发
CAPA 纠正预防措施 Corrective_and_Preventive_Action 质量
SSO 单点登录 Single_Sign_On 研发
VPN 虚拟专用网络 Virtual_Private_Network 研发
GTM 上市策略 Go_to_Market 销售
ARR 年度经常性收入 Annual_Recurring_Revenue 财务
DPO 数据保护专员 Data_Protection_Officer 法务
JIT 准时生产 Just_in_Time 生产
FIFO 先进先出 First_In_First_Out 仓储
CSAT 客户满意度 Customer_Satisfaction 售后
POC 概念验证 Proof_of_Concept 研发
AM 客户经理 Account_Manager 销售
AM 资产管理 Asset_Management 财务
PM 项目经理 Project_Manager 研发
PM 预防性维护 Preventive_Maintenance 生产
PO 采购订单 Purchase_Order 采购
PO 产品负责人 Product_Owner 研发
QA 质量保证 Quality_Assurance 质量
QA 季度审计 Quarterly_Audit 财务
CS 客户服务 Customer_Service 售后
CS 成本核算表 Cost_Sheet 财务
SLA 服务水平协议 Service_Level_Agreement 售后
SLA 立体光固化 Stereolithography_Apparatus 生产
IP 知识产权 Intellectual_Property 法务
IP 网络地址 Internet_Protocol 研发
CI 持续集成 Continuous_Integration 研发
CI 持续改进 Continuous_Improvement 质量
HC 编制人数 Head_Count 人事
HC 危化品柜 Hazardous_Cabinet 仓储
TR 培训记录 Training_Record 人事
TR 运输单 Transport_Receipt 物流
DR 灾难恢复 Disaster_Recovery 研发
DR 送货单 Delivery_Receipt 物流
LC 信用证 Letter_of_Credit 财务
LC 产线换型 Line_Changeover 生产
BP 业务伙伴 Business_Partner 人事
BP 打包工位 Box_Packing 仓储
SR 服务请求 Service_Request 售后
SR 供应商评级 Supplier_Rating 采购
FM 设施管理 Facility_Management 行政
FM 失效模式 Failure_Mode 质量
CT 合同条款 Contract_Terms 法务
CT 生产节拍 Cycle_Time 生产
AP 应付账款 Accounts_Payable 财务
AP 无线接入点 Access_Point 研发
DC 配送中心 Distribution_Center 物流
DC 折扣审批 Discount_Clearance 销售
EC 员工关怀 Employee_Care 人事
EC 工程变更 Engineering_Change 研发
MR 会议室 Meeting_Room 行政
MR 领料单 Material_Requisition 生产
"""

_WORDS = """
销售 客户 合同 回款 报价 渠道 商机 拜访 业绩
财务 发票 预算 报销 税率 利润 凭证 付款 记账
人事 招聘 薪酬 绩效 考勤 入职 离职 晋升 面试
生产 车间 工艺 模具 装配 产能 班组 设备 停机
售后 投诉 回访 维修 备件 热线 保修 上门 工单
法务 诉讼 授权 专利 合规 仲裁 商标 律师 盖章
采购 招标 比价 交期 供货 询价 验收 议价 寻源
仓储 库存 货架 盘点 托盘 批次 条码 叉车 库位
物流 车辆 路线 签收 装载 司机 运费 海关 装卸
质量 检验 缺陷 抽样 返工 校准 公差 不合格 整改
研发 需求 代码 版本 接口 架构 发布 评审 服务器
行政 办公 印章 档案 访客 车位 接待 食堂 保洁
"""

_FORMS = (
    "{name}这个月要处理{x}和{y}。",
    "关于{x}的问题，请先看{name}再谈{y}。",
    "{x}做完以后，{name}还要跟进{y}。",
    "因为{y}没有完成，{name}推迟了{x}。",
    "新的{name}已经写明{x}与{y}的要求。",
    "例会上讨论了{name}、{x}以及{y}。",
)


def senses() -> list[Sense]:
    """All 70 senses, numbered as rows."""
    rows = (line.split() for line in _ROWS.strip().splitlines())
    return [
        Sense(term, english.replace("_", " "), chinese, id=at, department=department + "部")
        for at, (term, chinese, english, department) in enumerate(rows, start=1)
    ]


def passages(of: Sequence[Sense], count: int = 12) -> Callable[[str], Sequence[str]]:
    """Documents in which each full name stands beside words of its department."""
    words = {name: rest for name, *rest in (line.split() for line in _WORDS.strip().splitlines())}
    written: dict[str, list[str]] = {}
    for sense in of:
        draw = random.Random(sense.chinese)
        own = words[sense.department.removesuffix("部")]
        for _ in range(count):
            x, y = draw.sample(own, 2)
            written.setdefault(sense.chinese, []).append(
                draw.choice(_FORMS).format(name=sense.chinese, x=x, y=y)
            )
    return lambda name: written.get(name, [])


def general() -> list[Sample]:
    """Small questions that the tiny base answers."""
    return [
        Sample(form.format(q=asked), answer, kind="general")
        for asked, answer in facts()
        for form in FACT_FORMS[:2]
    ]
