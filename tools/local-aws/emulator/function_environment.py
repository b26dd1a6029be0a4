"""Files and settings that Lambda functions find in addition to their own code.

On AWS, the host of an endpoint has DNS and a certificate. Here functions run as processes of this machine, where
it has neither. So each function loads a file of ../functions before its own code, and then reaches endpoints of
MicroVMs by their names. A function that sets NODE_OPTIONS or PYTHONPATH itself does not load the file.

On AWS, the Node.js runtime includes clients of the SDK. Here functions use the clients of this repository, but
only those that assertions of integration tests need. The runtime does not include the client of the MicroVM
service, so functions must bundle it, and it is not provided here.

The Node.js of this machine may be older than the runtime. Warnings about that are not those of AWS.
"""

import os
from pathlib import Path

FUNCTIONS = Path(__file__).parent.parent / "functions"
INSTALLED = Path(__file__).parents[3] / "node_modules"
LENT = ("client-cloudformation", "client-cloudwatch-logs", "client-ssm")


def apply(work_directory: str) -> None:
    # Functions inherit the environment of this process. The process has already read its own settings.
    os.environ["NODE_OPTIONS"] = f'--require "{FUNCTIONS / "microvm-endpoints.cjs"}"'
    os.environ["NODE_NO_WARNINGS"] = "1"
    os.environ["PYTHONPATH"] = str(FUNCTIONS)
    os.environ["NODE_PATH"] = str(_lent_modules(Path(work_directory) / "runtime"))


def _lent_modules(directory: Path) -> Path:
    scope = directory / "@aws-sdk"
    scope.mkdir(parents=True)
    for name in LENT:
        # The client finds its own dependencies in its real directory.
        (scope / name).symlink_to(INSTALLED / "@aws-sdk" / name)
    return directory
