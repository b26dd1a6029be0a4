"""DescribeStackResource shows operations in progress.

AWS shows CREATE_IN_PROGRESS, UPDATE_IN_PROGRESS and DELETE_IN_PROGRESS with the time of the last change. During a
create, the emulator says that the resource does not exist. Otherwise it shows the last final status. For
resources that an update creates it shows UPDATE_*, where AWS shows CREATE_*. Handlers call this operation to find
out whether their own operation is still the current one.

That AWS shows these values, and how soon, is an assumption. None of it was measured.
"""

from ministack.core.responses import now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, stacks

from emulator.patching import existing, wrap

ACTION = "DescribeStackResource"

# By stack ID and logical ID: the status in the latest event.
_statuses: dict[tuple[str, str], dict] = {}
# The resources that the current update creates.
_new_in_update: set[tuple[str, str]] = set()


def apply() -> None:
    wrap(
        stacks,
        "_add_event",
        ("stack_id", "stack_name", "logical_id", "resource_type", "status", "reason", "physical_id", "detailed_status"),
        _remembering_statuses,
    )
    existing(handlers, "_resolve_stack", ("stack_name",))
    existing(handlers, "_describe_stack_resource", ("params",))
    if ACTION not in handlers._ACTION_HANDLERS:
        raise SystemExit(f"the emulator no longer dispatches {ACTION} by handlers._ACTION_HANDLERS")
    handlers._ACTION_HANDLERS[ACTION] = _describe


def keep_status(stack_id: str, logical_id: str):
    """The current status, which `put_status` can restore."""
    return _statuses.get((stack_id, logical_id))


def put_status(stack_id: str, logical_id: str, status) -> None:
    _statuses[stack_id, logical_id] = status


def _remembering_statuses(add_event):
    def add_and_remember(stack_id, stack_name, logical_id, resource_type, status, reason="", physical_id="", detailed_status=""):
        status = _as_aws_calls_it(stack_id, stack_name, logical_id, status)
        _statuses[stack_id, logical_id] = {
            "ResourceStatus": status,
            "Timestamp": now_iso(),
            "ResourceType": resource_type,
            **({"PhysicalResourceId": physical_id} if physical_id else {}),
        }
        return add_event(stack_id, stack_name, logical_id, resource_type, status, reason, physical_id, detailed_status)

    return add_and_remember


def _as_aws_calls_it(stack_id: str, stack_name: str, logical_id: str, status: str) -> str:
    key = stack_id, logical_id
    known = (cloudformation._stacks.get(stack_name) or {}).get("_resources", {})
    if status == "UPDATE_IN_PROGRESS" and logical_id != stack_name and logical_id not in known:
        _new_in_update.add(key)
    if key not in _new_in_update or not status.startswith("UPDATE_"):
        return status
    if not status.endswith("_IN_PROGRESS"):
        _new_in_update.discard(key)
    return status.replace("UPDATE_", "CREATE_", 1)


def _describe(params: dict):
    stack = handlers._resolve_stack(handlers._p(params, "StackName"))
    logical_id = handlers._p(params, "LogicalResourceId")
    shown = stack and _statuses.get((stack["StackId"], logical_id))
    if not shown:
        return handlers._describe_stack_resource(params)
    return _describe_in(_with_status(stack, logical_id, shown), params)


def _with_status(stack: dict, logical_id: str, shown: dict) -> dict:
    """A copy of the record of the stack in which the resource exists and has the status of its latest event."""
    record = stack.get("_resources", {}).get(logical_id) or {}
    current = {key: shown[key] for key in ("ResourceStatus", "Timestamp")}
    return {**stack, "_resources": {**stack.get("_resources", {}), logical_id: {**shown, **record, **current}}}


def _describe_in(stack: dict, params: dict):
    """The answer of the emulator for a modified record. Handlers do not await, so no other request sees the record."""
    resolve_stack = handlers._resolve_stack
    handlers._resolve_stack = lambda stack_name: stack
    try:
        return handlers._describe_stack_resource(params)
    finally:
        handlers._resolve_stack = resolve_stack
