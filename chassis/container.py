"""nameko's service container, with workers that carry the correlation id and waste less on debug messages."""

import logging
import sys
from collections.abc import Callable
from typing import Any

from nameko.containers import ServiceContainer

from chassis import correlation, logs
from chassis.database_errors import is_worth_retrying

log = logging.getLogger(__name__)


class Container(ServiceContainer):
    """Runs one service. An entrypoint with a method `before_work(worker_ctx)` may refuse work there by raising."""

    def spawn_managed_thread(self, fn: Callable[[], Any], identifier: str | None = None) -> Any:
        """Run `fn` on behalf of an extension; it logs in the name of the service."""
        name = identifier or getattr(fn, "__name__", "unnamed")

        def run() -> Any:
            logs.name_service(self.service_name)
            return fn()

        return super().spawn_managed_thread(run, identifier=name)

    def _run_worker(self, worker_ctx: Any, handle_result: Any) -> None:
        entrypoint = worker_ctx.entrypoint
        logs.name_service(self.service_name)
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
                # For a database that is away or busy the sentence says it all.
                cause = None if is_worth_retrying(error) else error
                log.error("%s.%s failed: %s", self.service_name, entrypoint.method_name, error, exc_info=cause)
            exc_info = sys.exc_info()
        if handle_result is not None:
            result, exc_info = handle_result(worker_ctx, result, exc_info)
        self._worker_result(worker_ctx, result, exc_info)
        # The traceback refers to this frame; without this only the garbage collector would free both.
        del exc_info
        self._worker_teardown(worker_ctx)
