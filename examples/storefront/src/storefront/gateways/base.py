"""What the gateways to other companies have in common."""

from abc import ABC, abstractmethod
from typing import Any

import requests

from ..core.settings import Settings


class GatewayError(Exception):
    """The other side could not be reached or answered nonsense."""


class HttpGateway(ABC):
    def __init__(self, settings: Settings):
        self.settings = settings
        self.client = requests.Session()
        self.client.headers.update(self.headers())

    @abstractmethod
    def headers(self) -> dict[str, str]: ...

    @abstractmethod
    def base_url(self) -> str: ...

    def _call(self, path: str, payload: dict[str, Any]) -> dict[str, Any]:
        response = self._send(f"{self.base_url()}{path}", payload)
        try:
            return response.json()
        except ValueError as error:
            raise GatewayError(path) from error

    def _send(self, url: str, payload: dict[str, Any]) -> requests.Response:
        response = self.client.post(url, json=payload, timeout=self.settings.payment_timeout)
        if response.status_code >= 500:
            raise GatewayError(url)
        return response
