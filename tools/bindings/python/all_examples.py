"""Runs the apps of the examples that are its arguments in one interpreter, which loads the CDK once.

Each runs in its own folder, as `cdk synth` runs it.
"""

import os
import runpy
import sys

for example in sys.argv[1:]:
    os.chdir(example)
    sys.path[0] = example
    runpy.run_path("app.py", run_name="__main__")
