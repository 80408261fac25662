"""Which of the cases and tools a command line asks for."""
import re


def chosen(things, words, name_of=str):
    """Those whose name begins with one of `words`, separated by commas; all, if there is none.

    A beginning does not end within a number: "pacing-1000" is not the beginning of "pacing-10000".
    """
    beginnings = [re.compile(re.escape(word.strip()) + (r"(?!\d)" if word.strip()[-1].isdigit() else ""))
                  for word in words.split(",") if word.strip()]
    return [thing for thing in things
            if not beginnings or any(beginning.match(name_of(thing)) for beginning in beginnings)]
