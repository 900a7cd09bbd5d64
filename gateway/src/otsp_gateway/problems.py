"""What the edge itself refuses. A slug shared with the services has their title and status.

`nginx_status` is what nginx finds; `status` is what the client is told: nginx says 494 where
HTTP says 431, and 500 where the session check could not be made.
"""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EdgeProblem:
    nginx_status: int
    status: int
    slug: str
    title: str
    detail: str

    @property
    def as_json(self) -> str:
        """The body; nginx fills in $request_id."""
        members = {
            "type": f"urn:otsp:problem:{self.slug}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": "$request_id",
        }
        return json.dumps(members, ensure_ascii=False)

    @property
    def as_page(self) -> str:
        """The same for somebody who came with a browser, not with a client of the API."""
        return (
            '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{self.status} 校外培训监管平台</title></head>"
            f"<body><h1>{self.status}</h1><p>{self._page_text}</p>"
            "<p>请求编号：$request_id</p></body></html>"
        )

    @property
    def _page_text(self) -> str:
        if self.status == 404:
            return '页面不存在。接口文档：<a href="/api/docs/">/api/docs/</a>'
        return self.detail


_UNAVAILABLE = ("unavailable", "Temporarily unavailable")

EDGE_PROBLEMS = (
    EdgeProblem(
        400, 400, "malformed-request", "Malformed request",
        "请求的地址或格式不规范，网关已拒绝，请检查后重新提交。",
    ),
    EdgeProblem(
        401, 401, "unauthorised", "Authentication required",
        "未登录或登录已失效，请重新登录。",
    ),
    EdgeProblem(403, 403, "forbidden", "Not permitted", "当前账户无权进行此操作。"),
    EdgeProblem(
        404, 404, "unknown-route", "Unknown route", "接口地址不存在，请查阅 /api/docs/。"
    ),
    EdgeProblem(
        405, 405, "method-not-allowed", "Method not allowed",
        "该接口不支持此请求方法，请查阅 /api/docs/。",
    ),
    EdgeProblem(
        413, 413, "too-large", "Content too large", "提交的内容过大，请压缩或拆分后重试。"
    ),
    EdgeProblem(
        414, 414, "uri-too-long", "URI too long", "请求地址过长，请缩短查询条件后重试。"
    ),
    EdgeProblem(
        421, 421, "misdirected-request", "Misdirected request",
        "本网关不提供该域名的服务，请核对访问地址。",
    ),
    EdgeProblem(
        429, 429, "too-many-requests", "Too many requests", "操作过于频繁，请稍后再试。"
    ),
    EdgeProblem(
        494, 431, "headers-too-large", "Request header fields too large",
        "请求头过大，请清除多余的请求头后重试。",
    ),
    EdgeProblem(500, 503, *_UNAVAILABLE, "暂时无法核对登录状态，请稍后重试。"),
    EdgeProblem(
        501, 501, "not-implemented", "Not implemented", "不支持该传输方式，请按接口说明提交。"
    ),
    EdgeProblem(
        502, 502, "bad-gateway", "Bad gateway",
        "后端服务暂时无法连接，请稍后重试；请以查询结果确认操作是否已生效。",
    ),
    EdgeProblem(
        503, 503, *_UNAVAILABLE, "服务暂时不可用，请稍后重试；已提交的内容不会丢失。"
    ),
    EdgeProblem(
        504, 504, "gateway-timeout", "Gateway timeout",
        "后端服务未及时答复，请稍后重试；请以查询结果确认操作是否已生效。",
    ),
    EdgeProblem(
        505, 505, "http-version-not-supported", "HTTP version not supported",
        "不支持该 HTTP 版本，请使用 HTTP/1.1。",
    ),
)  # fmt: skip
