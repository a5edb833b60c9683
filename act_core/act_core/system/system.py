# SPDX-License-Identifier: Apache-2.0
"""A system: the processes that do one job together, and what a person can set about them.

It is plain data with two readers, so that both start the same: `act_core.ros.process.launching`
makes a launch description of it for `ros2 launch`; where launch_ros is not to be had, the command
`act` starts its processes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from act_core.errors import ParameterError
from act_core.system.declaration import Declaration, as_text, declarations

Values = Mapping[str, Any]

COMMON = (
    Declaration("namespace", "Namespace of all nodes and topics, /clock included.", ""),
    Declaration(
        "params_file",
        "YAML file of parameters with the last word, for any of the nodes; a node is written as "
        "/**/policy, which is right in every namespace.",
        "",
    ),
    Declaration(
        "log_level",
        "Least severe messages that the nodes log.",
        "info",
        choices=("debug", "info", "warn", "error", "fatal"),
    ),
)


def nothing(values: Values) -> dict[str, Any]:
    """Add nothing to `values`."""
    del values
    return {}


def argument(params_type: type, parameter: str, **changes: Any) -> Declaration:
    """Return the declaration of a node's parameter, as a system's argument; see `Process`."""
    return replace(declarations(params_type)[parameter], **changes)


def own_clock(values: Values) -> str:
    """Return the topic of simulated time: each namespace has its own, so that two can run."""
    namespace = str(values["namespace"]).strip("/")
    return f"/{namespace}/clock" if namespace else "/clock"


@dataclass(frozen=True)
class Process:
    """One executable as a node.

    Each argument of the system goes to the parameter of the same name, if the node has one.

    Attributes:
        package: ROS package.
        executable: of that package.
        name: node name.
        params_type: the node's parameter dataclass; None for a node that is not ours.
        given: values → further parameters, which win.
        arguments: on its command line.
        when: name of the argument that must be true; empty for always.
        terminal: whether it needs a terminal: `act` gives it its own, where it has one; ros2
            launch has none, and leaves it to people to start it in another.
    """

    package: str
    executable: str
    name: str
    params_type: type | None = None
    given: Callable[[Values], dict[str, Any]] = nothing
    arguments: tuple[str, ...] = ()
    when: str = ""
    terminal: bool = False

    def parameters(self, values: Values) -> dict[str, Any]:
        """Return parameter name → value."""
        known = declarations(self.params_type) if self.params_type else {}
        return {n: values[n] for n in known if n in values} | self.given(values)


@dataclass(frozen=True)
class Include:
    """Another system as a part of this one, found by name as launch files are.

    Attributes:
        package: package whose launch file `<name>.launch.py` starts it.
        name: of the system.
        when: name of the argument that must be true; empty for always.
    """

    package: str
    name: str
    when: str = ""


@dataclass(frozen=True)
class System:
    """Processes with their arguments.

    Attributes:
        name: of the system, its launch file and its verb.
        summary: one line.
        arguments: what can be set; included systems add theirs, and where both declare the same
            the outer one's default holds.
        processes: to start.
        includes: started before them.
        derive: values → values that follow from them, for this system and what it includes.
    """

    name: str
    summary: str
    arguments: tuple[Declaration, ...] = ()
    processes: tuple[Process, ...] = ()
    includes: tuple[Include, ...] = ()
    derive: Callable[[Values], dict[str, Any]] = field(default=nothing)

    @property
    def declared(self) -> dict[str, Declaration]:
        """Name → declaration, those common to all systems last."""
        return {d.name: d for d in (*self.arguments, *COMMON)}

    def values(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Return a checked value for every declared argument, defaults filled in, derived added.

        Raises:
            ParameterError: a value is not allowed, or one that has to be given is missing.
        """
        values: dict[str, Any] = {}
        for name, declared in self.declared.items():
            if declared.required and not given.get(name):
                raise ParameterError(f"{name} has to be given: {declared.description}")
            if name in given:
                values[name] = declared.from_text(given[name])
            else:
                values[name] = values.get(declared.same_as, declared.default)
        return values | self.derive(values)

    def wanted(self, values: Values) -> list[Process]:
        """Return the processes that `values` ask for."""
        return [p for p in self.processes if not p.when or values[p.when]]


def whole(system: System, systems: Mapping[str, System]) -> dict[str, Declaration]:
    """Return what can be set about `system` and all that it includes; `systems` has those."""
    declared = dict(system.declared)
    for include in system.includes:
        inner = whole(systems[include.name], systems)
        for name, inner_one in inner.items():
            outer = declared.setdefault(name, inner_one)
            if not (outer.choices or outer.free):  # what is allowed is known to who uses it
                declared[name] = replace(outer, choices=inner_one.choices)
    return declared


def started(
    system: System, systems: Mapping[str, System], given: Mapping[str, str]
) -> Iterator[tuple[Process, dict[str, Any]]]:
    """Yield each process that `system` starts, with the values that hold for it.

    As in launch, what an outer system sets or declares holds for those that it includes.
    """
    values = system.values(given)
    declared = whole(system, systems)
    texts = {**given, **{n: as_text(v) for n, v in values.items() if n in declared}}
    for include in system.includes:
        if not include.when or values[include.when]:
            yield from started(systems[include.name], systems, texts)
    for process in system.wanted(values):
        yield process, values
