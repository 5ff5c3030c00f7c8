"""Makes a believable glossary of any size, and questions that use it, from a fixed seed."""

from __future__ import annotations

import random

from terminology.types import Sense

_CHINESE = (
    "客户 产品 销售 市场 采购 供应 仓储 物流 质量 安全 设备 维修 生产 计划 财务 预算 成本 利润 合同 订单 交付 项目 研发 设计 测试 发布 运维 "
    "数据 信息 网络 系统 平台 接口 服务 支持 培训 人事 薪酬 绩效 考核 招聘 行政 法务 合规 审计 风险 控制 管理 流程 制度 标准 规范 文档 报告 "
    "会议 决策 战略 品牌 推广 渠道 代理 区域 国际 海外 印刷 打印 色彩 校准 纸张 油墨 耗材 版本 升级 授权 许可 登录 权限 账户 支付 结算 发票 "
    "税务 资产 库存 盘点 出货 退货 投诉 满意 调查 分析 模型 算法 智能 自动 监控 预警 备份 恢复 容量 性能 指标 周期 频率 阈值 实时 离线"
).split()
_SUFFIX = "经理 专员 中心 系统 平台 流程 制度 指标 报告 计划 委员会 办公室 小组 协议 模块 工具 方案 标准 部门 会议".split()
_ENGLISH = (
    "account product sales market purchase supply storage logistics quality safety equipment repair production planning finance "
    "budget cost profit contract order delivery project research design test release operation data information network system "
    "platform interface service support training personnel payroll performance review hiring office legal compliance audit risk "
    "control management process policy standard document report meeting decision strategy brand promotion channel agent region "
    "global overseas print colour calibration paper ink media version upgrade licence access permission payment invoice tax asset "
    "stock count shipment return complaint survey analysis model automatic monitor alert backup recovery capacity cycle threshold"
).split()
_FRAMES = (
    "在产品售后流程里，{a}负责哪些事情？请说明它与{b}的区别，以及什么时候需要联系相关部门处理客户投诉问题，谢谢大家的支持",
    "请问{a}和{b}之间是什么关系，去年年底发布的新版管理办法对它们分别提出了哪些要求，有没有例外的情况需要特别说明一下呢",
    "我想了解一下{a}在华东区域的实施进度，尤其是涉及{b}的那一部分工作，目前由谁牵头，预计什么时候可以全部完成验收呢",
    "如果{a}没有按时提交月度报告，{b}应该怎么处理，需要走什么样的审批流程，最长允许延期多少个工作日，请给出依据和出处",
)


def senses(count: int, seed: int = 7) -> list[Sense]:
    """Return `count` senses, each with an abbreviation, an English and a Chinese name."""
    chance = random.Random(seed)
    made: dict[tuple[str, str], Sense] = {}
    while len(made) < count:
        english = " ".join(chance.choice(_ENGLISH).capitalize() for _ in range(chance.randint(3, 5)))
        chinese = "".join(chance.choice(_CHINESE) for _ in range(chance.randint(2, 3))) + chance.choice(_SUFFIX)
        term = "".join(word[0].upper() for word in english.split())
        if chance.random() < 0.75:
            term += f"{chance.choice('-')}{chance.randint(1, 999)}" if chance.random() < 0.5 else chance.choice("QXZJVKW")
        made.setdefault((term, chinese), Sense(term, english, chinese, id=len(made) + 1))
    return list(made.values())


def questions(of: list[Sense], count: int, length: int = 60, seed: int = 11) -> list[str]:
    """Return questions of exactly `length` characters, each with one abbreviation and one Chinese name of `of`."""
    chance = random.Random(seed)
    made = []
    while len(made) < count:
        question = chance.choice(_FRAMES).format(a=chance.choice(of).term, b=chance.choice(of).chinese)
        if len(question) >= length:
            made.append(question[:length])
    return made
