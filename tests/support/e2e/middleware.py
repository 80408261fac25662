"""Programs of GoReplay's middleware protocol, as users write them."""
import os

# {edit}: statements that may change `head` (the lines), or say `continue` to omit the request.
_PROGRAM = r'''
import os, re, sys
sys.stderr.write("uid=%d pid=%d arguments=%r\n" % (os.getuid(), os.getpid(), sys.argv[1:]))
sys.stderr.flush()
count = 0
for line in sys.stdin:
    meta, _, payload = bytes.fromhex(line.strip()).partition(b"\n")
    kind, identity = meta.split(b" ")[:2]
    head, end, body = payload.partition(b"\r\n\r\n")
    found = re.search(rb"[?&]id=(\d+)", head)
    number = int(found.group(1)) if found else -1
    count += 1
    upper = False
{edit}
    line = (meta + b"\n" + head + end + body).hex()
    sys.stdout.write((line.upper() if upper else line) + "\n")
    sys.stdout.flush()
'''


def write(directory, edit="pass", name="middleware.py"):
    """The program's path. `edit` sees kind, identity, number (of id= in the target), count, head, body, upper."""
    path = os.path.join(directory, name)
    indented = "\n".join("    " + line for line in edit.strip("\n").splitlines())
    with open(path, "w", encoding="ascii") as file:
        file.write(_PROGRAM.replace("{edit}", indented))
    return path


# Drops one in ten, edits the rest, and writes some lines in upper case.
EDIT = r'''
if number % 10 == 3:
    continue
head += b"\r\nX-Edited: by middleware"
upper = number % 2 == 0
'''

# Ends in the middle of its work, each time it is started, without a word for what it has read.
DIE = r'''
if count == 150:
    sys.stderr.write("dying\n")
    sys.stderr.flush()
    os._exit(7)
'''


def note(path):
    """Writes down the type and the id of each message."""
    return f'''
with open({path!r}, "a") as notes:
    notes.write(kind.decode() + " " + identity.decode() + "\\n")
'''


def noted(path):
    """{id: the types seen, in their order}."""
    seen = {}
    with open(path, encoding="ascii") as notes:
        for line in notes:
            kind, identity = line.split()
            seen[identity] = seen.get(identity, "") + kind
    return seen
