"""gunicorn for every API process: one worker with threads, scaled by processes (decision D5)."""

from prometheus_client import start_http_server

from otsp_chassis import tracing
from otsp_chassis.collector import spare_what_stays
from otsp_chassis.settings import ProcessSettings, SharedSettings

_settings = ProcessSettings()

bind = _settings.bind
worker_class = "gthread"
workers = 1
threads = _settings.threads
keepalive = 75
timeout = 60
graceful_timeout = 30
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
preload_app = False


def post_fork(_arbiter: object, _worker: object) -> None:
    """The thread that sends spans would not outlive a fork."""
    tracing.begin(SharedSettings())


def worker_exit(_arbiter: object, _worker: object) -> None:
    """The last requests are answered; their spans still wait."""
    tracing.end()


def post_worker_init(_worker: object) -> None:
    """Metrics listen on a port of their own that the gateway never routes to."""
    spare_what_stays()
    if _settings.metrics_port:
        start_http_server(_settings.metrics_port, addr=_settings.metrics_host)
