"""Lambda functions reach the endpoints of MicroVMs by their names.

On AWS the host of an endpoint has DNS and a certificate. Functions run as processes of this machine, where it has
neither: each loads a file of ../functions before the function's own code, which has no part in it. A function that sets
NODE_OPTIONS or PYTHONPATH itself does not load it.
"""

import os
from pathlib import Path

FUNCTIONS = Path(__file__).parent.parent / "functions"


def apply() -> None:
    # Functions inherit the environment of this process, which has read its own part of it by now.
    os.environ["NODE_OPTIONS"] = f'--require "{FUNCTIONS / "microvm-endpoints.cjs"}"'
    os.environ["PYTHONPATH"] = str(FUNCTIONS)
