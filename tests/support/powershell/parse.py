"""usage: parse.py FILE ...

Whether each file is a PowerShell script, by tree-sitter's grammar. Exit code 1, and the line of the first error, for one that
is not.
"""
import sys

import tree_sitter
import tree_sitter_powershell


def first_error(node):
    if node.is_error or node.is_missing:
        return node
    return next((found for child in node.children if child.has_error and (found := first_error(child))), None)


def main():
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
    failed = False
    for path in sys.argv[1:]:
        with open(path, "rb") as file:
            root = parser.parse(file.read()).root_node
        if root.has_error:
            failed = True
            print(f"{path}:{(first_error(root) or root).start_point[0] + 1}: not PowerShell")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
