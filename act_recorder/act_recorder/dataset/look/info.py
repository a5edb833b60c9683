# SPDX-License-Identifier: Apache-2.0
"""Verb `info`: everything about a dataset or one episode."""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from act_core.episode.find_episodes import find_partials
from act_core.episode.frame_counts import FrameCounts
from act_recorder.dataset.look.episode_facts import EpisodeFacts, read_facts
from act_recorder.dataset.progress import shown
from act_recorder.dataset.selection import chosen_episodes, named_robot, verb_line


def main(words: Sequence[str]) -> int:
    """Print the summary, as text or JSON; return 1 if an episode cannot be read."""
    line = verb_line("info", "Everything about a dataset or one episode.")
    line.add_argument("--json", action="store_true", help="one object, for programs")
    options = line.parse(words)
    robot = named_robot(options)
    facts = [read_facts(path, robot) for path in shown(chosen_episodes(options), "info")]
    partials = find_partials(options.dataset) if options.dataset.is_dir() else []
    told = summary(facts, [path.name for path in partials])
    if options.json:
        json.dump(told, sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(as_lines(told))
    return int(any(each.fault for each in facts))


def summary(facts: Sequence[EpisodeFacts], partials: Sequence[str] = ()) -> dict[str, Any]:
    """Return what `info` tells, as plain values; counts are of episodes where not said."""
    read = [each for each in facts if each.meta]
    metas = [each.meta for each in facts if each.meta]
    rows = sum(each.num_frames for each in read)
    return {
        "episodes": len(facts),
        "rows": rows,
        "duration_s": round(sum(e.num_frames / e.meta.rate_hz for e in read if e.meta), 2),
        "size_bytes": sum(each.size_bytes for each in facts),
        "robots": _count(each.robot for each in read),
        "rate_hz": _count(f"{meta.rate_hz:g}" for meta in metas),
        "columns": list(metas[0].joint_names) if metas else [],
        "cameras": _cameras(read),
        "codecs": _count(each.codec for each in read),
        "simulated": _count("yes" if meta.sim else "no" for meta in metas),
        "tasks": _count(meta.task or "(none)" for meta in metas),
        "verdicts": _count(
            f"{meta.verdict} by {meta.judge}".removesuffix(" by ")
            if meta.verdict
            else "not judged"
            for meta in metas
        ),
        "labels": _count(label for meta in metas for label in meta.labels),
        "source_rows": dict(sum((each.sources for each in read), Counter()).most_common()),
        "ages_ms": _ages(read),
        "frames": _frames(read),
        "skipped_ticks": sum(meta.skipped_ticks for meta in metas),
        "skipped_reasons": _count(meta.skipped_reason for meta in metas if meta.skipped_reason),
        "incomplete": [each.path.name for each in read if each.meta and not each.meta.complete],
        "partials": list(partials),
        "origins": _count(meta.origin for meta in metas if meta.origin),
        "software_versions": _count(meta.software_version or "(not said)" for meta in metas),
        "format_versions": _count(str(meta.format_version) for meta in metas),
        "faults": {each.path.name: each.fault for each in facts if each.fault},
    }


def as_lines(told: dict[str, Any]) -> str:
    """Return the summary for people: a line a fact, nothing where there is nothing."""
    minutes, megabytes = told["duration_s"] / 60, told["size_bytes"] / 1e6
    lines = [
        f"{told['episodes']} episodes, {told['rows']} rows, {minutes:.1f} min, {megabytes:.0f} MB"
    ]
    for name in ("robots", "rate_hz", "codecs", "simulated", "tasks", "verdicts", "labels"):
        lines += _line(name, told[name])
    lines += _line("columns", told["columns"])
    lines += _line(
        "cameras", {f"{c['name']} {c['size_px']}": c["episodes"] for c in told["cameras"]}
    )
    lines += _line("source rows", told["source_rows"])
    for stream, age in told["ages_ms"].items():
        ages = ", ".join(f"{name} {value:.1f} ms" for name, value in age.items())
        lines += _line(f"age of {stream}", [ages])
    for camera, counts in told["frames"].items():
        lines += _line(f"frames of {camera}", [_counted(counts)])
    lines += _line("skipped ticks", [str(told["skipped_ticks"])])
    for name in ("skipped_reasons", "incomplete", "partials", "origins"):
        lines += _line(name.replace("_", " "), told[name])
    for name in ("software_versions", "format_versions"):
        lines += _line(name.replace("_", " "), told[name])
    lines += [f"fault: {name}: {fault}" for name, fault in told["faults"].items()]
    return "".join(f"{line}\n" for line in lines)


def _line(name: str, values: dict[str, int] | list[str]) -> list[str]:
    if isinstance(values, list):
        text = ", ".join(values)
    elif len(values) == 1:
        text = next(iter(values))
    else:
        text = ", ".join(f"{value} ({count})" for value, count in values.items())
    return [f"{name + ':':26} {text}"] if text else []


def _counted(counts: dict[str, int]) -> str:
    """Return one camera's frame counts in words; nothing where nobody has counted."""
    uncounted = counts["not_counted"]
    if not counts["used"]:
        return "not counted"
    text = ", ".join(f"{value} {name}" for name, value in counts.items() if name != "not_counted")
    return f"{text}; not counted in {uncounted} episodes" if uncounted else text


def _count(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(values).most_common())


def _cameras(facts: Sequence[EpisodeFacts]) -> list[dict[str, Any]]:
    sizes = Counter((name, size) for each in facts for name, size in each.cameras.items())
    return [
        {"name": name, "size_px": f"{height}x{width}", "episodes": count}
        for (name, (height, width)), count in sorted(sizes.items())
    ]


def _ages(facts: Sequence[EpisodeFacts]) -> dict[str, dict[str, float]]:
    """Return the age of each stream's samples over all rows; an action may be of the future."""
    streams = dict.fromkeys(stream for each in facts for stream in each.ages_ms)
    found = {}
    for stream in streams:
        ages = np.concatenate([e.ages_ms[stream] for e in facts if stream in e.ages_ms])
        if ages.size:
            values = [*np.percentile(ages, (50, 99)), ages.max()]
            found[stream] = dict(zip(("p50", "p99", "max"), map(float, values), strict=True))
    return found


def _frames(facts: Sequence[EpisodeFacts]) -> dict[str, dict[str, int]]:
    """Return the sums of the frame counts of each camera, and how many episodes have none."""
    found: dict[str, dict[str, int]] = {}
    for camera in sorted({name for each in facts for name in each.cameras}):
        having = [each for each in facts if camera in each.cameras]
        counts = [asdict(each.frames.get(camera, FrameCounts())) for each in having]
        sums = {name.removeprefix("frames_"): sum(c[name] for c in counts) for name in counts[0]}
        found[camera] = {**sums, "not_counted": sum(camera not in e.frames for e in having)}
    return found
