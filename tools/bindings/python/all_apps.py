"""Runs the programs that are its arguments in one interpreter, which loads the CDK once."""

import runpy
import sys

for program in sys.argv[1:]:
    runpy.run_path(program, run_name="__main__")
