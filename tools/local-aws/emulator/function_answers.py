"""What a Lambda function returns when it fails, and what happens when its log group was deleted.

The Node.js runtime of AWS answers a thrown error with its stack as `trace`. The emulator omits `trace`, and the
Provider framework then shows a stack of its own.

AWS writes to a configured log group only if the role of the function allows it, and no role of this library may
create one. The emulator creates a log group again if it was deleted while the function was still running. It
would then seem to be left behind.

AWS drops lines below the log levels of a function that logs JSON. The emulator writes all of them.
"""

import json
from contextvars import ContextVar

from ministack.core import lambda_runtime
from ministack.services import cloudwatch_logs, lambda_svc

from emulator.patching import wrap

LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
SYSTEM_LINES = ("START RequestId: ", "END RequestId: ", "REPORT RequestId: ")

_logging: ContextVar[dict | None] = ContextVar("logging", default=None)
_stack: ContextVar[str | None] = ContextVar("stack", default=None)


def apply() -> None:
    wrap(lambda_runtime.Worker, "invoke", ("self", "event", "request_id"), _noting_the_stack)
    wrap(lambda_svc, "_execute_function_warm", ("func", "event", "request_id"), _with_trace)
    wrap(lambda_svc, "_emit_lambda_logs", ("func", "request_id", "log_text", "error", "duration_ms"), _into_existing_groups)
    wrap(cloudwatch_logs, "_append_log_events", ("stream", "events"), _above_log_levels)


def _noting_the_stack(invoke):
    def noting(self, event, request_id, **values):
        result = invoke(self, event, request_id, **values)
        _stack.set(result.get("trace") if result.get("status") == "error" else None)
        return result

    return noting


def _with_trace(execute):
    def traced(func, event, request_id):
        _stack.set(None)
        answer = execute(func, event, request_id)
        stack = _stack.get()
        if answer.get("error") and stack is not None:
            answer["body"]["trace"] = stack.split("\n")
        return answer

    return traced


def _into_existing_groups(emit_logs):
    def emit(func, request_id, log_text, error, duration_ms, **values):
        config = func.get("config") or func
        logging = config.get("LoggingConfig") or {}
        group = logging.get("LogGroup")
        if group is None or group in cloudwatch_logs._log_groups:
            token = _logging.set(logging)
            try:
                emit_logs(func, request_id, log_text, error, duration_ms, **values)
            finally:
                _logging.reset(token)

    return emit


def _above_log_levels(append):
    def append_above(stream, events):
        logging = _logging.get()
        json_levels = logging if logging and logging.get("LogFormat") == "JSON" else None
        append(stream, [event for event in events if json_levels is None or _is_kept(event["message"], json_levels)])

    return append_above


def _is_kept(message: str, logging: dict) -> bool:
    is_system = message.startswith(SYSTEM_LINES)
    lowest = logging.get("SystemLogLevel" if is_system else "ApplicationLogLevel", "INFO")
    return LEVELS.index("INFO" if is_system else _level_of(message)) >= LEVELS.index(lowest)


def _level_of(message: str) -> str:
    try:
        level = json.loads(message).get("level")
    except (ValueError, AttributeError):
        return "INFO"
    return level if level in LEVELS else "INFO"
