"""An unknown parameter of Parameter Store is reported with the message of AWS, which contains its path.

AWS reports it when the change set is created, before anything is changed. It reads a template parameter of an SSM
type again in each deployment. The emulator does both, with a message of its own.
"""

import re

from ministack.services.cloudformation import changesets, handlers

from emulator.patching import wrap

UNKNOWN = re.compile(r"SSM parameter '(.+)' does not exist")


def apply() -> None:
    for module in (changesets, handlers):
        wrap(module, "_resolve_parameters", ("template", "provided_params", "previous_params"), _in_the_words_of_aws)


def _in_the_words_of_aws(resolve_parameters):
    def resolve(template, provided_params, previous_params=None):
        try:
            return resolve_parameters(template, provided_params, previous_params)
        except ValueError as error:
            unknown = UNKNOWN.search(str(error))
            if unknown is None:
                raise
            raise ValueError(f"Unable to fetch parameters [{unknown[1]}] from parameter store for this account.") from error

    return resolve
