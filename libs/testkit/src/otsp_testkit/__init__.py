"""The test kit: real servers, real transactions, callers with signed identities. Never shipped."""

from otsp_testkit.client import Answered, Client
from otsp_testkit.platform_kit import PlatformKit
from otsp_testkit.service_kit import ServiceKit

__all__ = ["Answered", "Client", "PlatformKit", "ServiceKit"]
