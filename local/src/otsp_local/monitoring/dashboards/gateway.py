"""The edge: what users meet first."""

from __future__ import annotations

from otsp_local.monitoring.model import Dashboard, Panel, Query, Row

_HTTP = "otsp_http_request_duration_seconds"

_OUTSIDE = Row(
    "From outside",
    [
        Panel(
            title="Probes from outside",
            about="1: the address answers; by blackbox_exporter.",
            unit="short",
            queries=[Query('probe_success{job="otsp-probe"}', "{{instance}}")],
        ),
        Panel(
            title="Duration of probes",
            about="Name service, connection, TLS and answer together.",
            unit="s",
            queries=[Query('probe_duration_seconds{job="otsp-probe"}', "{{instance}}")],
        ),
        Panel(
            title="Certificates, days left",
            about="Of the one that ends first. They are the ingress's; renewal is not ours.",
            unit="d",
            queries=[
                Query(
                    '(probe_ssl_earliest_cert_expiry{job="otsp-probe"} - time()) / 86400',
                    "{{instance}}",
                )
            ],
        ),
    ],
)

_NGINX = Row(
    "nginx",
    [
        Panel(
            title="Gateways that answer",
            about="1: the exporter reads its status page.",
            unit="short",
            queries=[Query("nginx_up", "{{instance}}")],
        ),
        Panel(
            title="Requests at the edge",
            about="A second, pages, files and API together.",
            unit="reqps",
            queries=[
                Query(
                    "sum by (instance) (rate(nginx_http_requests_total[$__rate_interval]))",
                    "{{instance}}",
                )
            ],
        ),
        Panel(
            title="Connections at the edge",
            about="Open, idle, and those that were accepted and not handled, a second.",
            unit="short",
            queries=[
                Query("nginx_connections_active", "{{instance}} open"),
                Query("nginx_connections_waiting", "{{instance}} idle"),
                Query(
                    "rate(nginx_connections_accepted[$__rate_interval])"
                    " - rate(nginx_connections_handled[$__rate_interval])",
                    "{{instance}} dropped",
                ),
            ],
        ),
    ],
)

_BEHIND = Row(
    "Behind it",
    [
        Panel(
            title="Answers by class",
            about="Of the portal and the six services, a second.",
            unit="reqps",
            queries=[
                Query(
                    f'sum by (service) (rate({_HTTP}_count{{code=~"2.."}}[$__rate_interval]))',
                    "{{service}} 2xx",
                ),
                Query(
                    f'sum by (service) (rate({_HTTP}_count{{code=~"4.."}}[$__rate_interval]))',
                    "{{service}} 4xx",
                ),
                Query(
                    "sum by (service) (rate(otsp_http_failures_total[$__rate_interval]))",
                    "{{service}} 5xx",
                ),
            ],
            width=12,
        ),
        Panel(
            title="Pages",
            about="Median and 95th percentile of the portal's pages, calls to the API included.",
            unit="s",
            queries=[
                Query(
                    "histogram_quantile(0.5, sum by (le)"
                    f' (rate({_HTTP}_bucket{{service="portal"}}[$__rate_interval])))',
                    "median",
                ),
                Query(
                    "histogram_quantile(0.95, sum by (le)"
                    f' (rate({_HTTP}_bucket{{service="portal"}}[$__rate_interval])))',
                    "95 %",
                ),
            ],
            width=12,
        ),
    ],
)

BOARD = Dashboard(
    uid="otsp-gateway",
    title="OTSP: gateway",
    about="Do users get in, and how fast are they answered?",
    rows=[_OUTSIDE, _NGINX, _BEHIND],
)
