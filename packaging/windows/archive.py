#!/usr/bin/env python3
"""Makes the portable .zip of a program from its staged files, in one folder.

usage: packaging/windows/archive.py PROGRAM STAGE VERSION OUTPUT_FOLDER     (SOURCE_DATE_EPOCH is the time of everything inside)
"""
import os
import sys

import zipped


def main():
    program, stage, version, output = sys.argv[1:]
    name = f"{program}-{version}-windows-x86_64"
    files = [(f"{name}/{path}", content) for path, content in zipped.files_below(stage)]
    zipped.write(os.path.join(output, name + ".zip"), files)


if __name__ == "__main__":
    main()
