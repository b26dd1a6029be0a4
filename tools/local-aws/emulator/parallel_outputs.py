"""The output of a Parallel state in JSONata.

AWS evaluates `Output` with the results of the branches as `$states.result`. The emulator ignores it, and returns the
results. The states after the body of a `MicrovmStateMachineFragment` need the output, which contains the MicroVM.
"""

from ministack.services import stepfunctions

from emulator.patching import existing, wrap


def apply() -> None:
    existing(stepfunctions, "_state_query_language", ("state_def", "ctx"))
    existing(stepfunctions, "_apply_jsonata_output", ("state_def", "raw_input", "ctx", "result"))
    wrap(stepfunctions, "_run_parallel_branches", ("state_def", "raw_input", "execution", "ctx"), _with_output)


def _with_output(run_branches):
    def run(state_def, raw_input, execution, ctx):
        output, following = run_branches(state_def, raw_input, execution, ctx)
        if stepfunctions._state_query_language(state_def, ctx) == "JSONata":
            output = stepfunctions._apply_jsonata_output(state_def, raw_input, ctx, result=output, default=output)
        return output, following

    return run
