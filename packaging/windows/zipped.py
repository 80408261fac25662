"""ZIP archives whose bytes depend on nothing but their contents and SOURCE_DATE_EPOCH."""
import datetime
import os
import zipfile


def files_below(folder):
    """(path with slashes, bytes) of every file, in order."""
    found = []
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                found.append((os.path.relpath(path, folder).replace(os.sep, "/"), file.read()))
    return sorted(found)


def write(path, files):
    """`files` is a list of (name, bytes), kept in this order."""
    when = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, when.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # FAT: no modes of POSIX
            archive.writestr(entry, content)
