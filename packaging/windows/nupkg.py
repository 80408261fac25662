#!/usr/bin/env python3
"""Makes the .nupkg for Octopus Deploy from staged files and the scripts in octopus/.

usage: packaging/windows/nupkg.py STAGE VERSION OUTPUT_FOLDER     (SOURCE_DATE_EPOCH is the time of everything inside)

The package is an Open Packaging Conventions container (ECMA-376 part 2), as NuGet reads and writes them. A development
version 1.2.4-dev.7+abc becomes 1.2.4-dev-00007-abc: every NuGet and Octopus can read and sort that.
"""
import datetime
import hashlib
import os
import re
import sys
from xml.sax.saxutils import escape

import zipped

HERE = os.path.dirname(os.path.abspath(__file__))
IDENTIFIER = "understudy-agent"
DESCRIPTION = "Replicates a live service's HTTP requests to a shadow. Deploy with Octopus: see install-octopus.md in the package."
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
PROPERTIES = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def package_version(version):
    found = re.fullmatch(r"(\d+\.\d+\.\d+)-dev\.(\d+)\+(\w+)", version)
    return f"{found[1]}-dev-{int(found[2]):05}-{found[3]}" if found else version


def nuspec(version, author):
    return (f'{HEAD}<package xmlns="http://schemas.microsoft.com/packaging/2010/07/nuspec.xsd">\n  <metadata>\n'
            f"    <id>{IDENTIFIER}</id>\n    <version>{version}</version>\n    <authors>{author}</authors>\n"
            f"    <requireLicenseAcceptance>false</requireLicenseAcceptance>\n    <description>{DESCRIPTION}</description>\n"
            f"  </metadata>\n</package>\n")


def core_properties(version, author, when):
    return (f'{HEAD}<coreProperties xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
            f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="{PROPERTIES}">\n'
            f"  <dc:creator>{author}</dc:creator>\n  <dc:description>{DESCRIPTION}</dc:description>\n"
            f"  <dc:identifier>{IDENTIFIER}</dc:identifier>\n  <version>{version}</version>\n"
            f'  <dcterms:created xsi:type="dcterms:W3CDTF">{when}</dcterms:created>\n</coreProperties>\n')


def relationships(properties_path):
    return (f'{HEAD}<Relationships xmlns="{RELATIONSHIPS}">\n'
            f'  <Relationship Type="http://schemas.microsoft.com/packaging/2010/07/manifest" Target="/{IDENTIFIER}.nuspec" Id="R1"/>\n'
            f'  <Relationship Type="{RELATIONSHIPS}/metadata/core-properties" Target="/{properties_path}" Id="R2"/>\n'
            f"</Relationships>\n")


def content_types(names):
    """A type for each extension, and one for each file without any."""
    known = {"rels": "application/vnd.openxmlformats-package.relationships+xml",
             "psmdcp": "application/vnd.openxmlformats-package.core-properties+xml"}
    extensions = sorted({name.rsplit(".", 1)[1] for name in names if "." in os.path.basename(name)} | set(known))
    lines = [f'  <Default Extension="{each}" ContentType="{known.get(each, "application/octet")}"/>\n' for each in extensions]
    lines += [f'  <Override PartName="/{escape(name)}" ContentType="application/octet"/>\n' for name in sorted(names)
              if "." not in os.path.basename(name)]
    return f'{HEAD}<Types xmlns="{CONTENT_TYPES}">\n{"".join(lines)}</Types>\n'


def main():
    stage, full_version, output = sys.argv[1:]
    version = package_version(full_version)
    when = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    author = escape(re.sub(r" *<.*", "", os.environ.get("PACKAGE_MAINTAINER", "Understudy maintainers")))
    files = zipped.files_below(stage) + zipped.files_below(os.path.join(HERE, "octopus"))
    properties = core_properties(version, author, when.strftime("%Y-%m-%dT%H:%M:%SZ"))
    name = hashlib.sha256(properties.encode()).hexdigest()[:32]
    properties_path = f"package/services/metadata/core-properties/{name}.psmdcp"
    parts = [("_rels/.rels", relationships(properties_path)), (f"{IDENTIFIER}.nuspec", nuspec(version, author)),
             *files, (properties_path, properties)]
    parts.insert(2, ("[Content_Types].xml", content_types([each for each, _ in parts])))
    zipped.write(os.path.join(output, f"{IDENTIFIER}.{version}.nupkg"),
                 [(each, content if isinstance(content, bytes) else content.encode()) for each, content in parts])


if __name__ == "__main__":
    main()
