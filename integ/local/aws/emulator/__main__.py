"""Starts the emulator with all patches applied: `python -m emulator`."""

import os

from ministack import app

from emulator import (
    custom_resource_answers,
    describe_stack_resource,
    failed_creates,
    failed_updates,
    function_answers,
    kept_dependencies,
    log_resources,
    microvm_api,
    parent,
    service_roles,
    tls_origin,
    trust_policies,
    update_cleanup,
)
from emulator.patching import require_pinned_version


def main() -> None:
    require_pinned_version()
    if not app.AUTH:
        raise SystemExit("the local AWS enforces IAM: start it with AUTH=true")
    parent.die_with_it(work_directory=os.environ["LOCAL_AWS_DIRECTORY"])
    tls_origin.apply()
    trust_policies.apply()
    service_roles.apply()
    log_resources.apply()
    function_answers.apply()
    microvm_api.apply(simulator_url=os.environ["SIMULATOR_URL"])
    # Each of these wraps what the ones before have wrapped.
    describe_stack_resource.apply()
    custom_resource_answers.apply()
    update_cleanup.apply()
    kept_dependencies.apply()
    failed_creates.apply()
    failed_updates.apply()
    app.main()


main()
