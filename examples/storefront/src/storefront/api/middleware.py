from fastapi import Request, Response
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.responses import JSONResponse
from starlette.types import ASGIApp

from ..core.cache import RateLimiter


class RateLimitMiddleware(BaseHTTPMiddleware):
    def __init__(self, app: ASGIApp, limit: int = 120):
        super().__init__(app)
        self.limiter = RateLimiter(limit)

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        client = request.client.host if request.client else "unknown"
        if not self.limiter.allows(client):  # expect: AW201
            return JSONResponse({"code": "too_many_requests"}, status_code=429)
        return await call_next(request)
