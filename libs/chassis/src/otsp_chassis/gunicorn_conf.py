"""gunicorn for every API process: one worker with threads, scaled by processes (decision D5)."""

import os  # noqa: TID251 - gunicorn's own knobs arrive by environment

from prometheus_client import start_http_server

bind = os.environ.get("OTSP_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = 1
threads = int(os.environ.get("OTSP_THREADS", "8"))
keepalive = 75
timeout = 60
graceful_timeout = 30
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
preload_app = False


def post_worker_init(_worker: object) -> None:
    """Metrics listen on a port of their own that the gateway never routes to."""
    port = int(os.environ.get("OTSP_METRICS_PORT", "0"))
    if port:
        start_http_server(port, addr=os.environ.get("OTSP_METRICS_HOST", "127.0.0.1"))
