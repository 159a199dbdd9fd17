"""nameko's service container, with workers that carry the correlation id and waste less on debug messages."""

import logging
import sys
from typing import Any

from nameko.containers import ServiceContainer

from chassis import correlation

log = logging.getLogger(__name__)


class Container(ServiceContainer):
    """Runs one service. An entrypoint with a method `before_work(worker_ctx)` may refuse work there by raising."""

    def _run_worker(self, worker_ctx: Any, handle_result: Any) -> None:
        entrypoint = worker_ctx.entrypoint
        correlation.begin(worker_ctx.data.get(correlation.HEADER))
        self._inject_dependencies(worker_ctx)
        self._worker_setup(worker_ctx)
        result = exc_info = None
        try:
            before_work = getattr(entrypoint, "before_work", None)
            if before_work is not None:
                before_work(worker_ctx)
            result = getattr(worker_ctx.service, entrypoint.method_name)(*worker_ctx.args, **worker_ctx.kwargs)
        except Exception as error:
            if not isinstance(error, entrypoint.expected_exceptions):
                log.exception("%s.%s failed", self.service_name, entrypoint.method_name)
            exc_info = sys.exc_info()
        if handle_result is not None:
            result, exc_info = handle_result(worker_ctx, result, exc_info)
        self._worker_result(worker_ctx, result, exc_info)
        # The traceback refers to this frame; without this only the garbage collector would free both.
        del exc_info
        self._worker_teardown(worker_ctx)
