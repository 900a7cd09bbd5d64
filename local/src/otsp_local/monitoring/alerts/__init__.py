"""All rules: those on what the platform exports itself, and those on what surrounds it."""

from otsp_local.monitoring.alerts import (
    applications,
    foreign,
    messages,
    people,
    promises,
    services,
    trust,
)

OWN = (
    messages.GROUP,
    *promises.GROUPS,
    services.GROUP,
    applications.GROUP,
    trust.GROUP,
    people.GROUP,
)
FOREIGN = foreign.GROUPS
ALERTS = [alert for group in (*OWN, *FOREIGN) for alert in group.alerts]
