#!/usr/bin/env python3
"""Writes a program's software bill of materials: CycloneDX 1.5, JSON.

usage: packaging/sbom.py PROGRAM VERSION COMMIT STATIC_VERSIONS ...     (SOURCE_DATE_EPOCH is its time)

PROGRAM is the stripped executable; STATIC_VERSIONS are lists as packaging/linux/static-libraries.sh writes them: a name, a version,
and the package URL of what is not a source package of Debian's. The shared
libraries are those that the executable names, with the versions of the packages that they have here; a program for Windows
names none but Windows' own.
"""
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import uuid

LICENCES = {
    "fmtlib": "MIT", "spdlog": "MIT", "tomlplusplus": "MIT", "cpp-httplib": "MIT", "cli11": "BSD-3-Clause", "re2": "BSD-3-Clause",
    "jemalloc": "BSD-2-Clause",
    "libpcap": "BSD-3-Clause", "boost1.81": "BSL-1.0", "tl-expected": "CC0-1.0", "gcc-12": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "gcc-mingw-w64": "GPL-3.0-or-later WITH GCC-exception-3.1", "mingw-w64": "ZPL-2.1", "libz-mingw-w64": "Zlib",
    "postgresql-15": "PostgreSQL", "libpg-query": "BSD-3-Clause", "uplot": "MIT",
    "glibc": "LGPL-2.1-or-later", "openssl": "Apache-2.0", "zlib": "Zlib", "libzstd": "BSD-3-Clause",
}


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def shared_libraries(program):
    """(source package, version) of each library that the program itself names."""
    if program.endswith(".exe"):
        return set()
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", output_of("readelf", "--dynamic", program))
    paths = dict(re.findall(r"(\S+) => (\S+)", output_of("ldd", program)))
    found = set()
    for name in needed:
        path = os.path.realpath(paths.get(name, f"/lib64/{name}"))
        # dpkg knows a file by the path in its package, which is with or without /usr.
        owner = subprocess.run(["dpkg", "-S", path, path.removeprefix("/usr")], capture_output=True, text=True, check=False).stdout
        package = owner.split(": ")[0].split(",")[0]
        found.add(tuple(output_of("dpkg-query", "-W", "-f=${source:Package} ${source:Version}", package).split()))
    return found


def component(linkage, name, version, url=None):
    entry = {"type": "library", "name": name, "version": version, "bom-ref": f"{name}@{version}",
             "purl": url or f"pkg:deb/debian/{name}@{version.replace('+', '%2B').replace(':', '%3A')}?arch=source",
             "properties": [{"name": "understudy:linkage", "value": linkage}]}
    licence = LICENCES[name]
    entry["licenses"] = [{"expression": licence}] if " " in licence else [{"license": {"id": licence}}]
    return entry


def main():
    program, version, commit, *static_versions = sys.argv[1:]
    with open(program, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    static = set()
    for path in static_versions:
        with open(path, encoding="ascii") as file:
            static.update(tuple(line.split()) for line in file)
    components = [component("static", *library) for library in sorted(static)]
    components += [component("shared", *library) for library in sorted(shared_libraries(program) - static)]
    name = os.path.basename(program).removesuffix(".exe")
    when = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    json.dump({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}",
        "metadata": {
            "timestamp": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {"type": "application", "name": name, "version": version, "bom-ref": name,
                          "licenses": [{"license": {"id": "Apache-2.0"}}], "hashes": [{"alg": "SHA-256", "content": digest}],
                          "properties": [{"name": "understudy:commit", "value": commit}]}},
        "components": components,
        "dependencies": [{"ref": name, "dependsOn": [each["bom-ref"] for each in components]}],
    }, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
