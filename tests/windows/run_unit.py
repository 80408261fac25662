#!/usr/bin/env python3
"""usage: run_unit.py PROGRAM [ARGUMENTS ...]

Runs a cross-built unit test program under Wine, to its end. Its exit code is this one's.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, wine  # noqa: E402

if not os.access(wine.WINE, os.X_OK):
    print(f"skipped: {wine.WINE} is not installed (scripts/dependencies.sh windows-test)")
    sys.exit(case.SKIPPED)
windows = wine.Wine()
try:
    done = windows.run(*sys.argv[1:], seconds=240)
finally:
    windows.stop()
print(done.stdout + done.stderr)
sys.exit(done.returncode)
