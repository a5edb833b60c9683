# SPDX-License-Identifier: Apache-2.0
"""Verb `validate`: what the episodes of a folder are wrong in."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from tqdm import tqdm

from act_core.episode.checks.check_episode import (
    CHECKS,
    CHUNK_SIZE,
    EpisodeReport,
    Thoroughness,
    check_folder,
)
from act_core.episode.checks.check_files import check_files
from act_core.episode.checks.finding import Finding
from act_core.episode.find_episodes import episode_index
from act_recorder.dataset.selection import chosen_episodes, named_robot, verb_line


class _ListChecks(argparse.Action):
    """Prints every check and ends, as --help does."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print them."""
        width = max(len(check.code) for check in CHECKS)
        for check in CHECKS:
            sys.stdout.write(f"{check.code:{width}}  {check.severity:7}  {check.meaning}\n")
        parser.exit()


def main(words: Sequence[str]) -> int:
    """Print what was found; return 1 if there are errors, or, if asked, warnings."""
    line = verb_line("validate", "Look for defects in episodes; changes nothing.")
    line.add_argument("--strict", action="store_true", help="end with 1 at warnings too")
    line.add_argument(
        "--chunk-size", type=int, default=CHUNK_SIZE, metavar="N",
        help="actions in a chunk of the policy to be trained: shorter episodes are named",
    )  # fmt: skip
    line.add_argument("--json", action="store_true", help="one object for programs")
    line.add_argument(
        "--list-checks", action=_ListChecks, nargs=0, default=argparse.SUPPRESS,
        help="print what is looked for, and end",
    )  # fmt: skip
    options = line.parse(words)
    paths = chosen_episodes(options)
    how = Thoroughness(options.chunk_size, robot=named_robot(options))
    done = tqdm(
        check_files(paths, how), "validate", len(paths), unit="episode", leave=False, disable=None
    )
    reports = sorted(done, key=lambda report: paths.index(report.path))
    between = check_folder(options.dataset, reports)
    findings = [finding for report in reports for finding in report.findings] + between
    errors = sum(finding.is_error for finding in findings)
    warnings = len(findings) - errors
    if options.json:
        json.dump(_plain(reports, between, errors, warnings), sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(report_text(reports, between))
    return int(errors > 0 or (options.strict and warnings > 0))


def report_text(reports: Sequence[EpisodeReport], between: Sequence[Finding]) -> str:
    """Return findings in groups, one for each episode and one for the folder, and their sums."""
    text = "".join(
        f"{report.path.name}\n{_indented(report.findings)}"
        for report in reports
        if report.findings
    )
    if between:
        text += f"the folder\n{_indented(between)}"
    findings = [finding for report in reports for finding in report.findings] + [*between]
    errors = sum(finding.is_error for finding in findings)
    sound = sum(not report.findings for report in reports)
    size_bytes = sum(report.size_bytes for report in reports)
    return text + (
        f"{len(reports)} episodes, {size_bytes / 1e6:.0f} MB: {sound} without a finding; "
        f"{errors} errors, {len(findings) - errors} warnings\n"
    )


def _indented(findings: Iterable[Finding]) -> str:
    ordered = sorted(findings, key=lambda finding: not finding.is_error)
    return "".join(
        f"  {f.check.severity:7}  {f.check.code}: {f.text}\n           -> {f.check.remedy}\n"
        for f in ordered
    )


def _plain(
    reports: Sequence[EpisodeReport], between: Sequence[Finding], errors: int, warnings: int
) -> dict[str, Any]:
    return {
        "episodes": [
            {
                "path": str(report.path),
                "index": episode_index(report.path),
                "findings": [finding.to_dict() for finding in report.findings],
            }
            for report in reports
        ],
        "folder": [finding.to_dict() for finding in between],
        "errors": errors,
        "warnings": warnings,
    }
