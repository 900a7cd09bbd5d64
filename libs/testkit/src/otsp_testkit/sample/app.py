"""The sample, put together."""

from otsp_chassis.service import Service
from otsp_testkit.sample import queries, rules

service = Service(
    name="sample",
    package="otsp_testkit.sample",
    formats={"shout": rules.check_shout},
    labels=rules.LABELS,
    files=queries.NAMED,
)
