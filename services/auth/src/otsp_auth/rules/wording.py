"""What people are sent, word for word. Carriers that want texts registered find them all here."""

from dataclasses import dataclass

_NOT_YOU = "如非本人操作，请忽略。"
_NOT_YOU_ACT = "如非本人操作，请立即找回密码，并联系所在地区的区域管理员。"


@dataclass(frozen=True, slots=True)
class Wording:
    """A text; its subject counts when it goes as a mail."""

    subject: str
    text: str


def registration_code(code: str, minutes: int) -> Wording:
    return Wording("注册验证码", _code("注册", code, minutes))


def already_registered() -> Wording:
    text = f"该手机号已注册账户，请直接登录；如忘记密码，请找回密码。{_NOT_YOU}"
    return Wording("账户提醒", text)


def login_code(code: str, minutes: int) -> Wording:
    return Wording("登录验证码", _code("登录", code, minutes))


def second_factor_code(code: str, minutes: int) -> Wording:
    return Wording("身份确认验证码", _code("身份确认", code, minutes))


def password_reset_code(code: str, minutes: int) -> Wording:
    return Wording("找回密码验证码", _code("找回密码", code, minutes))


def nothing_to_reset() -> Wording:
    text = f"有人申请找回密码，但该手机号或邮箱没有可以找回的账户。{_NOT_YOU}"
    return Wording("找回密码", text)


def suspended_account() -> Wording:
    text = f"账户已停用，不能找回密码，请联系所在地区的区域管理员。{_NOT_YOU}"
    return Wording("找回密码", text)


def password_was_changed() -> Wording:
    return Wording("密码已修改", f"您的账户密码已修改，所有登录均已退出。{_NOT_YOU_ACT}")


def email_code(code: str, minutes: int) -> Wording:
    return Wording("邮箱验证码", _code("绑定邮箱", code, minutes))


def email_taken() -> Wording:
    return Wording("绑定邮箱", f"该邮箱已用于其他账户，不能重复绑定。{_NOT_YOU}")


def email_was_changed() -> Wording:
    return Wording("邮箱已更换", f"您的账户已绑定新的邮箱。{_NOT_YOU_ACT}")


def mobile_proof_code(code: str, minutes: int) -> Wording:
    return Wording("手机验证码", _code("绑定手机号", code, minutes))


def mobile_change_code(code: str, minutes: int) -> Wording:
    return Wording("更换手机号验证码", _code("更换手机号", code, minutes))


def mobile_taken() -> Wording:
    return Wording("更换手机号", f"该手机号已注册其他账户，不能更换为此号码。{_NOT_YOU}")


def mobile_was_changed(masked: str) -> Wording:
    """To both numbers; the new one is told masked, since the old may be in other hands."""
    text = f"您的账户手机号已更换为 {masked}，请用新手机号登录。{_NOT_YOU_ACT}"
    return Wording("手机号已更换", text)


def data_subject_code(code: str, minutes: int) -> Wording:
    return Wording("个人信息查询验证码", _code("查询个人信息", code, minutes))


def invitation(username: str, link: str, hours: int) -> Wording:
    text = f"您的账户 {username} 已开通，请在 {hours} 小时内打开链接设置密码：{link}"
    return Wording("账户已开通", text)


def password_link(link: str, minutes: int) -> Wording:
    text = f"请在 {minutes} 分钟内打开链接重新设置密码：{link} 链接只能使用一次，请勿转发。"
    return Wording("重新设置密码", text)


def recovery_code(code: str, minutes: int) -> Wording:
    return Wording("账号找回验证码", _code("账号找回", code, minutes))


def recovery_approved(masked: str) -> Wording:
    """To the number that the account had until now."""
    text = (
        f"您的账户已由主管部门按找回申请处理，手机号改为 {masked}，所有登录均已退出。{_NOT_YOU_ACT}"
    )
    return Wording("账号已找回", text)


def recovery_rejected() -> Wording:
    return Wording("账号找回未通过", "您的账号找回申请未通过，原因请在平台查询申请结果时查看。")


def _code(purpose: str, code: str, minutes: int) -> str:
    return f"{purpose}验证码 {code}，{minutes} 分钟内有效。请勿告知他人；{_NOT_YOU}"


def news_elsewhere(title: str) -> Wording:
    """What a text or a mail says of a notification: that there is one, and where it is read."""
    return Wording(title, f"{title}：请登录全国校外教育培训监管与服务综合平台查看。")
