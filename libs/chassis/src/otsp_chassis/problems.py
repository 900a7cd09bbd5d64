"""The problem family (RFC 9457): every refusal that a client can meet, with its Chinese text.

A service refuses by raising a subclass with its own slug. `type` is `urn:otsp:problem:<slug>`,
`title` is English and stable, `detail` is zh-CN and says what to do. All slugs are listed in
docs/problems.md, which is generated from these classes and kept true by a test.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from otsp_contracts.values import FieldError

Member = Any
"""An extension member of the problem: anything that JSON can say."""


class Problem(Exception):
    """Base of all refusals; raised in any room, turned into problem+json at the door."""

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Internal error"
    detail_zh: ClassVar[str] = "系统发生内部错误，请稍后重试；如仍失败，请向技术支持提供请求编号。"
    headers: ClassVar[dict[str, str]] = {}

    def __init__(
        self, detail: str | None = None, *, errors: Sequence[FieldError] = (), **extra: Member
    ) -> None:
        self.detail = detail or self.detail_zh
        self.errors = tuple(errors)
        self.extra = extra
        super().__init__(f"{self.slug}: {self.detail}")

    def response_headers(self) -> Mapping[str, str]:
        """`headers`, and what only this one refusal knows."""
        return self.headers

    def as_dict(self, instance: str) -> dict[str, Any]:
        """The problem+json members; `instance` is the request id that support asks for."""
        body: dict[str, Any] = {
            "type": f"urn:otsp:problem:{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
        }
        if self.errors:
            body["errors"] = [error.as_dict() for error in self.errors]
        return {**self.extra, **body}


class InternalError(Problem):
    """A fault of ours: logged with its trace, told without it."""


class Malformed(Problem):
    status = 400
    slug = "malformed-json"
    title = "Malformed JSON"
    detail_zh = "请求内容不是有效的 JSON，请检查格式后重新提交。"


class BadParameter(Problem):
    status = 400
    slug = "bad-parameter"
    title = "Bad parameter"
    detail_zh = "请求参数不正确，请按 errors 中的说明修改。"


class Unauthorised(Problem):
    status = 401
    slug = "unauthorised"
    title = "Authentication required"
    detail_zh = "未登录或登录已失效，请重新登录。"
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    status = 403
    slug = "forbidden"
    title = "Not permitted"
    detail_zh = "当前账户无权进行此操作。"


class InstitutionClosed(Problem):
    status = 403
    slug = "institution-closed"
    title = "The institution is closed: its people may look and download"
    detail_zh = (
        "机构已获准注销，账号只能查询和下载，不能再填报、修改或提交；"
        "需要保存的资料请在账号注销前导出。有疑问的，请联系所在地的主管部门。"
    )


class OtherInstitution(Problem):
    status = 403
    slug = "other-institution"
    title = "Belongs to another institution"
    detail_zh = "只能查看和修改本机构的信息。"


class OutsideJurisdiction(Problem):
    status = 403
    slug = "outside-jurisdiction"
    title = "Outside the authority's jurisdiction"
    detail_zh = "该机构不在本部门的管辖范围内。"


class NotFound(Problem):
    status = 404
    slug = "not-found"
    title = "Not found"
    detail_zh = "没有找到所请求的内容，可能已被删除或编号有误。"


class UnknownRoute(Problem):
    status = 404
    slug = "unknown-route"
    title = "Unknown route"
    detail_zh = "接口地址不存在，请查阅 /api/docs/。"


class MethodNotAllowed(Problem):
    status = 405
    slug = "method-not-allowed"
    title = "Method not allowed"
    detail_zh = "该接口不支持此请求方法，请查阅 /api/docs/。"


class Conflict(Problem):
    status = 409
    slug = "conflict"
    title = "Conflict with the current state"
    detail_zh = "当前状态下不能进行此操作，请刷新后重试。"


class Gone(Problem):
    status = 410
    slug = "gone"
    title = "Gone"
    detail_zh = "该内容已不再提供。"


class StaleVersion(Problem):
    status = 412
    slug = "stale-version"
    title = "Stale version"
    detail_zh = "信息已被他人更新，请刷新后在最新内容上修改。"


class TooLarge(Problem):
    status = 413
    slug = "too-large"
    title = "Content too large"
    detail_zh = "提交的内容过大，请压缩或拆分后重试。"


class UnsupportedMedia(Problem):
    status = 415
    slug = "unsupported-media-type"
    title = "Unsupported media type"
    detail_zh = "不支持该内容类型，请按接口说明提交。"


class Invalid(Problem):
    status = 422
    slug = "invalid"
    title = "Invalid fields"
    detail_zh = "填写的内容有误，请按 errors 中的说明逐项修改。"


class RuleBroken(Problem):
    status = 422
    slug = "rule-broken"
    title = "A business rule forbids this"
    detail_zh = "业务规则不允许此操作。"


class IdempotencyKeyReused(Problem):
    status = 422
    slug = "idempotency-key-reused"
    title = "Idempotency-Key reused with another request"
    detail_zh = "同一个 Idempotency-Key 已用于不同的请求内容，请更换后重试。"


class Locked(Problem):
    status = 423
    slug = "locked"
    title = "Locked while under review"
    detail_zh = "审核中，信息已锁定，可撤回申请后修改"


class PreconditionRequired(Problem):
    status = 428
    slug = "precondition-required"
    title = "If-Match required"
    detail_zh = "请在 If-Match 中提供所修改内容的版本号（ETag）。"


class TooManyRequests(Problem):
    status = 429
    slug = "too-many-requests"
    title = "Too many requests"
    detail_zh = "操作过于频繁，请稍后再试。"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "60"}


class Unavailable(Problem):
    status = 503
    slug = "unavailable"
    title = "Temporarily unavailable"
    detail_zh = "服务暂时不可用，请稍后重试；已提交的内容不会丢失。"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "5"}


def all_problems() -> Iterator[type[Problem]]:
    """Every imported problem class, the base's own meaning included as InternalError."""
    pending: list[type[Problem]] = list(Problem.__subclasses__())
    seen: set[type[Problem]] = set()
    while pending:
        cls = pending.pop()
        if cls not in seen:
            seen.add(cls)
            pending.extend(cls.__subclasses__())
            yield cls
