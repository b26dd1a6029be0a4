"""What custom resources answered, in particular to requests that failed.

AWS goes on to use the physical id of a failed answer. The emulator raises the answer's reason and drops the rest.
"""

import secrets
import string

from ministack.services.cloudformation import custom_resource

from emulator.patching import wrap

INVOKE_PARAMETERS = ("request_type", "logical_id", "props", "stack_name", "stack_id", "resource_type", "physical_id", "old_props")

# By stack id and logical id: the physical id of the answer to the request last sent.
_answered: dict[tuple[str, str], str] = {}


def apply() -> None:
    wrap(custom_resource, "deliver_response", ("token", "response"), _remembering_ids)


def answered_id(stack_id: str, logical_id: str):
    """The physical id that the resource answered with; None if it did not answer."""
    return _answered.get((stack_id, logical_id))


def forget_answer(stack_id: str, logical_id: str) -> None:
    _answered.pop((stack_id, logical_id), None)


def invented_id(stack_name: str, logical_id: str) -> str:
    """A physical id like CloudFormation's own, for a resource that never told one."""
    suffix = "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(12))
    return f"{stack_name}-{logical_id}-{suffix}"


def _remembering_ids(deliver_response):
    def deliver(token, response):
        if response.get("PhysicalResourceId"):
            _answered[response.get("StackId"), response.get("LogicalResourceId")] = response["PhysicalResourceId"]
        return deliver_response(token, response)

    return deliver
