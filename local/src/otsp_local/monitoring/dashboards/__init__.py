"""All dashboards."""

from otsp_local.monitoring.dashboards import (
    application,
    database,
    gateway,
    messaging,
    overview,
    people,
    services,
)

DASHBOARDS = (
    overview.BOARD,
    services.BOARD,
    messaging.BOARD,
    database.BOARD,
    gateway.BOARD,
    people.BOARD,
    application.BOARD,
)
