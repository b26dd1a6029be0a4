"""Dependencies of a resource are kept if the resource could not be deleted.

AWS deletes a stack in reverse order of its dependencies, and keeps the dependencies of a resource whose deletion
failed. The emulator deletes them: it deletes the functions and roles of the provider although the custom resource
still exists. A second attempt to delete the stack then has no function to call.

AWS leaves such dependencies unchanged. Here they are listed as DELETE_FAILED.
"""

from ministack.services import cloudformation
from ministack.services.cloudformation import stacks

from emulator.patching import existing, wrap

# By stack ID: the logical IDs that must be kept, and the resource that needs each of them.
_kept: dict[str, dict[str, str]] = {}


def apply() -> None:
    existing(stacks, "_with_dependencies", ("logical_ids", "res_defs", "remaining"))
    wrap(stacks, "_delete_resource", ("resource_type", "physical_id", "props", "stack_name", "logical_id"), _keeping_dependencies)


def _keeping_dependencies(delete_resource):
    def delete(resource_type, physical_id, props, stack_name=None, logical_id=None):
        stack = cloudformation._stacks.get(stack_name) or {}
        if stack.get("StackStatus") != "DELETE_IN_PROGRESS":
            return delete_resource(resource_type, physical_id, props, stack_name, logical_id)
        kept = _kept.setdefault(stack["StackId"], {})
        if logical_id in kept:
            raise ValueError(f"Resource deletion cancelled: {kept.pop(logical_id)} was not deleted")
        try:
            return delete_resource(resource_type, physical_id, props, stack_name, logical_id)
        except Exception:
            for dependency in _dependencies(stack, logical_id):
                kept.setdefault(dependency, logical_id)
            raise

    return delete


def _dependencies(stack: dict, logical_id: str) -> set[str]:
    definitions = stack["_template"]["Resources"]
    return stacks._with_dependencies([logical_id], definitions, set(stack["_resources"])) - {logical_id}
