"""A failed create receives its Delete during the rollback.

AWS keeps the physical ID of the failed answer and sends a Delete with it during the rollback. If no answer
arrived in time, AWS sends the Delete with an ID that it generates. The emulator forgets the resource, so
resources that its handler created would be left behind.

The Delete must come during the rollback, with its events. If it were sent immediately, the create would still be
in progress.
"""

from ministack.core.responses import now_iso
from ministack.services import cloudformation
from ministack.services.cloudformation import custom_resource, handlers, stacks

from emulator.custom_resource_answers import INVOKE_PARAMETERS, answered_id, forget_answer, invented_id
from emulator.patching import wrap

FAILED = "CREATE_FAILED"


def apply() -> None:
    wrap(custom_resource, "invoke_custom_resource", INVOKE_PARAMETERS, _recording_failed_creates)
    # RollbackStack, which follows a deployment without rollback, imports the function separately.
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
    """Adds the failed resource to the stack, so that it is deleted with the stack."""
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
