"""What Lambda functions find beside their own code.

They reach the endpoints of MicroVMs by their names.

On AWS the host of an endpoint has DNS and a certificate. Functions run as processes of this machine, where it has
neither: each loads a file of ../functions before the function's own code, which has no part in it. A function that sets
NODE_OPTIONS or PYTHONPATH itself does not load it.

On AWS the runtime brings clients of the SDK. Those that the assertions of integration tests call by are lent from this
repository; it does not bring the client of the MicroVM service, which functions pack, and so it is not lent.
"""

import os
from pathlib import Path

FUNCTIONS = Path(__file__).parent.parent / "functions"
INSTALLED = Path(__file__).parents[4] / "node_modules"
LENT = ("client-cloudformation", "client-cloudwatch-logs", "client-ssm")


def apply(work_directory: str) -> None:
    # Functions inherit the environment of this process, which has read its own part of it by now.
    os.environ["NODE_OPTIONS"] = f'--require "{FUNCTIONS / "microvm-endpoints.cjs"}"'
    os.environ["PYTHONPATH"] = str(FUNCTIONS)
    os.environ["NODE_PATH"] = str(_lent_modules(Path(work_directory) / "runtime"))


def _lent_modules(directory: Path) -> Path:
    scope = directory / "@aws-sdk"
    scope.mkdir(parents=True)
    for name in LENT:
        # What it requires itself is found where it really lies.
        (scope / name).symlink_to(INSTALLED / "@aws-sdk" / name)
    return directory
