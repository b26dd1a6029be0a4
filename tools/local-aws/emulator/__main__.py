"""Starts the emulator with all patches applied: `python -m emulator`."""

import os

from ministack import app

from emulator import (
    credentials,
    custom_resource_answers,
    denial_messages,
    denials,
    describe_stack_resource,
    encryption_keys,
    execution_roles,
    failed_creates,
    failed_updates,
    function_answers,
    function_environment,
    kept_dependencies,
    log_resources,
    microvm_api,
    network_resources,
    parallel_outputs,
    parameter_paths,
    parent,
    permissions_boundaries,
    principal_arns,
    request_checks,
    service_control_policy,
    service_roles,
    sessions,
    state_machine_requests,
    template_conditions,
    template_parameters,
    tls_origin,
    trust_policies,
    update_cleanup,
)
from emulator.patching import require_pinned_version
from emulator.simulator import Simulator


def main() -> None:
    require_pinned_version()
    if not app.AUTH:
        raise SystemExit("the local AWS enforces IAM: start it with AUTH=true")
    tls_origin.apply()
    sessions.apply()
    simulator = Simulator(os.environ["SIMULATOR_URL"])
    trust_policies.apply()
    principal_arns.apply()
    denials.apply()
    permissions_boundaries.apply()
    service_roles.apply()
    credentials.apply()
    log_resources.apply()
    encryption_keys.apply()
    parameter_paths.apply()
    service_control_policy.apply()
    state_machine_requests.apply()
    parallel_outputs.apply()
    # Each wraps the check of a permission: the messages inside of the loop over all checks of a request.
    denial_messages.apply()
    request_checks.apply()
    function_answers.apply()
    function_environment.apply(os.environ["LOCAL_AWS_DIRECTORY"])
    microvm_api.apply(simulator, unsupported_zones=[zone for zone in os.environ["UNSUPPORTED_ZONES"].split(",") if zone])
    network_resources.apply(simulator)
    template_conditions.apply()
    template_parameters.apply()
    execution_roles.apply()
    # Each of these patches wraps functions that the previous ones have wrapped.
    describe_stack_resource.apply()
    custom_resource_answers.apply()
    update_cleanup.apply()
    kept_dependencies.apply()
    failed_creates.apply()
    failed_updates.apply()
    # Last: if this thread were running, an exit would hide the message about a patch that does not fit.
    parent.exit_with_parent(work_directory=os.environ["LOCAL_AWS_DIRECTORY"])
    app.main()


main()
