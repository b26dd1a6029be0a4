"""The cleanup of an update has its own stack status and its own events.

AWS sets UPDATE_COMPLETE_CLEANUP_IN_PROGRESS and emits DELETE_IN_PROGRESS and DELETE_COMPLETE for resources that
an update replaced or removed. The emulator stays in UPDATE_IN_PROGRESS and emits no event unless the deletion
fails. A handler reads from the status of the stack whether it moves forward, cleans up or rolls back.

While a replaced resource is deleted, DescribeStackResource continues to show its successor. This was not measured
on AWS.
"""

from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

from emulator.describe_stack_resource import keep_status, put_status
from emulator.patching import existing, wrap

UPDATING = "UPDATE_IN_PROGRESS"
CLEANING_UP = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"


def apply() -> None:
    existing(stacks, "_add_event", ("stack_id", "stack_name", "logical_id", "resource_type", "status", "reason", "physical_id"))
    wrap(stacks, "_delete_resource", ("resource_type", "physical_id", "props", "stack_name", "logical_id"), _with_cleanup)


def _with_cleanup(delete_resource):
    def delete(resource_type, physical_id, props, stack_name=None, logical_id=None):
        stack = cloudformation._stacks.get(stack_name) or {}
        if logical_id is None or stack.get("StackStatus") not in (UPDATING, CLEANING_UP):
            return delete_resource(resource_type, physical_id, props, stack_name, logical_id)
        enter_phase(stack, CLEANING_UP)
        return delete_with_events(delete_resource, stack, resource_type, physical_id, props, logical_id)

    return delete


def enter_phase(stack: dict, status: str) -> None:
    """Sets the status of the stack and emits its event, once."""
    if stack["StackStatus"] == status:
        return
    stack["StackStatus"] = status
    name, stack_id = stack["StackName"], stack["StackId"]
    stacks._add_event(stack_id, name, name, "AWS::CloudFormation::Stack", status, physical_id=stack_id)


def delete_with_events(delete_resource, stack: dict, resource_type: str, physical_id: str, props: dict, logical_id: str):
    """Deletes the resource with a logical ID, between the events of AWS. The caller emits the event of a failure."""
    name, stack_id = stack["StackName"], stack["StackId"]
    record = stack.get("_resources", {}).get(logical_id) or {}
    replaced = record.get("PhysicalResourceId") != physical_id
    successor = keep_status(stack_id, logical_id)

    def send(status: str) -> None:
        stacks._add_event(stack_id, name, logical_id, resource_type, status, physical_id=physical_id)
        if replaced:
            put_status(stack_id, logical_id, successor)

    send("DELETE_IN_PROGRESS")
    answer = delete_resource(resource_type, physical_id, props, name, logical_id)
    send("DELETE_COMPLETE")
    return answer
