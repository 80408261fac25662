#!/usr/bin/env python3
"""usage: make_prefix.py FOLDER

Makes the Wine prefix that every test of the Windows build copies.
"""
import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from e2e import case, wine  # noqa: E402

if not os.access(wine.WINE, os.X_OK):
    print(f"skipped: {wine.WINE} is not installed (scripts/dependencies.sh windows-test)")
    sys.exit(case.SKIPPED)
prefix = os.path.abspath(sys.argv[1])
shutil.rmtree(prefix, ignore_errors=True)
wine.make_prefix(prefix)
