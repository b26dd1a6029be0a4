"""A failed create gets its Delete in the rollback.

AWS keeps the physical id of the failed answer and sends a Delete with it in the rollback; with an id of its own
invention if no answer came in time. The emulator forgets the resource, so what its handler made would be left behind.

The Delete must come in the rollback, with its events: sent at once, it would find its own create in progress.
"""

from ministack.core.responses import now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import custom_resource, handlers, stacks

from emulator.custom_resource_answers import INVOKE_PARAMETERS, answered_id, forget_answer, invented_id
from emulator.patching import wrap

FAILED = "CREATE_FAILED"


def apply() -> None:
    wrap(custom_resource, "invoke_custom_resource", INVOKE_PARAMETERS, _recording_failed_creates)
    # RollbackStack, which follows a deployment without rollback, has its own import.
    for module in (stacks, handlers):
        wrap(module, "_roll_back_operation", ("stack_name", "stack_id", "stack", "operation"), _deleting_failed_creates)


def _recording_failed_creates(invoke_custom_resource):
    def invoke(request_type, logical_id, props, stack_name, stack_id, resource_type, physical_id=None, old_props=None):
        forget_answer(stack_id, logical_id)
        try:
            return invoke_custom_resource(request_type, logical_id, props, stack_name, stack_id, resource_type, physical_id, old_props)
        except (RuntimeError, TimeoutError):
            if request_type == "Create":
                failed_id = answered_id(stack_id, logical_id) or invented_id(stack_name, logical_id)
                _record(stack_name, logical_id, resource_type, failed_id, props)
            raise

    return invoke


def _record(stack_name: str, logical_id: str, resource_type: str, physical_id: str, props: dict) -> None:
    """Makes the failed resource a part of the stack, so that whatever deletes the stack deletes it too."""
    cloudformation._stacks[stack_name].setdefault("_resources", {})[logical_id] = {
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": physical_id,
        "ResourceType": resource_type,
        "ResourceStatus": FAILED,
        "Properties": props,
        "Attributes": {},
        "Timestamp": now_iso(),
    }


def _deleting_failed_creates(roll_back_operation):
    async def roll_back(stack_name, stack_id, stack, operation, *arguments, **named_arguments):
        failed = operation.get("failed_logical_id")
        if stack.get("_resources", {}).get(failed, {}).get("ResourceStatus") == FAILED:
            operation["created"] = [*operation.get("created", []), failed]
        return await roll_back_operation(stack_name, stack_id, stack, operation, *arguments, **named_arguments)

    return roll_back
