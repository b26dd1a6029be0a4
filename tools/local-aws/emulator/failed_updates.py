"""The physical ID of a failed update becomes the ID of the resource.

When an Update fails and its answer contains another physical ID, AWS uses that as the ID of the resource. The
Update of the rollback carries it. If that Update answers with the old ID, the new ID receives a Delete during the
cleanup. The emulator continues with the old ID, so resources of a failed replacement would receive no Delete.

The Delete during the cleanup is inferred from how AWS handles replacements. It was not measured.
"""

from ministack.core.concurrency import run_reentrant
from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, stacks

from emulator.custom_resource_answers import answered_id
from emulator.patching import wrap
from emulator.update_cleanup import delete_with_events, enter_phase

CLEANING_UP = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
REVERT_PARAMETERS = (
    "stack_id",
    "stack_name",
    "logical_id",
    "rtype",
    "physical_id",
    "applied_props",
    "previous_props",
    "attrs",
    "record",
)


def apply() -> None:
    for module in (stacks, handlers):
        wrap(module, "_roll_back_operation", ("stack_name", "stack_id", "stack", "operation"), _adopting_ids)
    wrap(stacks, "_revert_update", REVERT_PARAMETERS, _cleaning_up)


def _adopting_ids(roll_back_operation):
    async def roll_back(stack_name, stack_id, stack, operation, *arguments, **named_arguments):
        failed = operation.get("failed_update")
        if failed is not None:
            operation["failed_update"] = _with_adopted_id(stack_id, operation["previous_stack"], *failed)
        return await roll_back_operation(stack_name, stack_id, stack, operation, *arguments, **named_arguments)

    return roll_back


def _with_adopted_id(stack_id: str, previous_stack: dict, logical_id: str, resource_type: str, physical_id: str, *rest) -> list:
    """The changes that the rollback reverts and the record that it restores, with the physical ID of the failed
    update.
    """
    adopted = answered_id(stack_id, logical_id) or physical_id
    previous_stack["_resources"][logical_id]["PhysicalResourceId"] = adopted
    return [logical_id, resource_type, adopted, *rest]


def _cleaning_up(revert_update):
    async def revert(stack_id, stack_name, logical_id, resource_type, physical_id, applied, previous, attributes, record=None):
        await revert_update(stack_id, stack_name, logical_id, resource_type, physical_id, applied, previous, attributes, record)
        if record is not None and record.get("PhysicalResourceId") != physical_id:
            await _delete_adopted(stack_name, resource_type, physical_id, applied, logical_id)

    return revert


async def _delete_adopted(stack_name: str, resource_type: str, physical_id: str, props: dict, logical_id: str) -> None:
    """A failed deletion during the cleanup does not fail the rollback."""
    stack = cloudformation._stacks[stack_name]
    enter_phase(stack, CLEANING_UP)
    try:
        await run_reentrant(delete_with_events, stacks._delete_resource, stack, resource_type, physical_id, props, logical_id)
    except Exception as failure:
        stacks._add_event(stack["StackId"], stack_name, logical_id, resource_type, "DELETE_FAILED", str(failure), physical_id)
