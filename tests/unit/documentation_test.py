#!/usr/bin/env python3
"""Holds the documentation to the code: exit codes, flags, framing policies, links between pages."""
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


class Documentation(unittest.TestCase):
    def test_exit_codes_are_those_of_the_code(self):
        code = {name: int(number) for name, number in re.findall(r"^  (\w+) = (\d+),", read("traffic/base/error.hpp"), re.M)}
        page = {name: int(number) for number, name in re.findall(r"^\| (\d+) \| (\w+) \|", read("docs/exit-codes.md"), re.M)}
        self.assertGreater(len(code), 10)
        self.assertEqual(code, page)

    def test_every_framing_policy_is_described_with_its_default(self):
        header = read("traffic/http/framing_policy.hpp")
        page = read("docs/framing-policy.md")
        policies = re.findall(r"bool (\w+) = (true|false);", header)
        self.assertGreater(len(policies), 10)
        for member, default in policies:
            name = member.removeprefix("accept_")
            state = "on" if default == "true" else "off"
            self.assertRegex(page, rf"\| `{name}` \| {state} \|", name)

    def test_every_framing_policy_can_be_set_by_flag(self):
        members = re.findall(r"bool (\w+) = (?:true|false);", read("traffic/http/framing_policy.hpp"))
        table = re.findall(r"&FramingPolicy::(\w+)", read("agent/policy_option.cpp"))
        self.assertEqual(members, table)

    def test_flags_named_in_the_pages_exist(self):
        files = [ROOT / "agent/option_definitions.cpp", *(ROOT / "traffic/command_line").glob("*.cpp")]
        defined = {flag for path in files for flag in re.findall(r'"(--[a-z-]+)"', path.read_text(encoding="utf-8"))}
        defined |= {"--help"}
        checked = 0
        for page in ["README.md", *[path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")]]:
            for arguments in re.findall(r"understudy-agent (?:run|check)\b(.*)", read(page)):
                for flag in re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", arguments):
                    self.assertIn(flag, defined, f"{page}: {arguments}")
                    checked += 1
        self.assertGreater(checked, 10)

    def test_flags_of_replay_named_in_the_pages_exist(self):
        files = [ROOT / "replay/option_definitions.cpp", *(ROOT / "replay").glob("*_options.cpp"), *(ROOT / "replay").glob("*_command*.cpp"), *(ROOT / "traffic/command_line").glob("*.cpp")]
        defined = {flag for path in files for flag in re.findall(r'"(--[a-z-]+)"', path.read_text(encoding="utf-8"))}
        checked = 0
        for page in ["README.md", *[path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")]]:
            for arguments in re.findall(r"understudy-replay (?:run|inspect|convert|health|statistics|forecast|rehearse)\b(.*)", read(page)):
                for flag in re.findall(r"(?<![\w-])(--[a-z][a-z-]+)", arguments):
                    self.assertIn(flag, defined | {"--help"}, f"{page}: {arguments}")
                    checked += 1
        self.assertGreater(checked, 10)

    def test_links_between_pages_lead_somewhere(self):
        for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
            for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
                if "://" not in target:
                    self.assertTrue((path.parent / target).exists(), f"{path.name}: {target}")


if __name__ == "__main__":
    sys.exit(unittest.main())
