"""Keeps the answers of custom resources, in particular to failed requests.

- AWS keeps using the physical ID of a failed answer. The emulator raises the reason in the answer and drops the rest.
- The first answer counts. Whoever knows the URL for answers may send it: the URL itself is the permission. In the
  emulator, a second answer can overtake the first one.
"""

import secrets
import string

from ministack.services.cloudformation import custom_resource

from emulator.patching import wrap

INVOKE_PARAMETERS = ("request_type", "logical_id", "props", "stack_name", "stack_id", "resource_type", "physical_id", "old_props")

# By stack ID and logical ID: the physical ID in the answer to the latest request.
_answered: dict[tuple[str, str], str] = {}


def apply() -> None:
    wrap(custom_resource, "deliver_response", ("token", "response"), _remembering_ids)


def answered_id(stack_id: str, logical_id: str):
    """The physical ID in the answer of the resource; None if there was no answer."""
    return _answered.get((stack_id, logical_id))


def forget_answer(stack_id: str, logical_id: str) -> None:
    _answered.pop((stack_id, logical_id), None)


def invented_id(stack_name: str, logical_id: str) -> str:
    """A physical ID in the format of CloudFormation, for a resource that never returned one."""
    suffix = "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(12))
    return f"{stack_name}-{logical_id}-{suffix}"


def _remembering_ids(deliver_response):
    def deliver(token, response):
        pending = custom_resource._pending.get(token)
        if pending is None or pending["event"].is_set():
            return False
        if response.get("PhysicalResourceId"):
            _answered[response.get("StackId"), response.get("LogicalResourceId")] = response["PhysicalResourceId"]
        return deliver_response(token, response)

    return deliver
