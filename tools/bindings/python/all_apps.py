"""Runs the programs given as arguments in one interpreter, so that the CDK is loaded once."""

import runpy
import sys

for program in sys.argv[1:]:
    runpy.run_path(program, run_name="__main__")
