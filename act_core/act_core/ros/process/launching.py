# SPDX-License-Identifier: Apache-2.0
"""Launch descriptions of systems; needs `launch_ros`, which PyPI lacks and no node imports."""

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from launch import LaunchContext, LaunchDescription, LaunchDescriptionEntity
from launch.actions import (
    DeclareLaunchArgument,
    GroupAction,
    IncludeLaunchDescription,
    OpaqueFunction,
    SetEnvironmentVariable,
    SetLaunchConfiguration,
    Shutdown,
)
from launch.conditions import IfCondition
from launch.events.process import ProcessExited
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import Node, PushRosNamespace
from launch_ros.substitutions import FindPackageShare

from act_core.errors import ParameterError, suggestion
from act_core.paths import user_path
from act_core.ros.params_file import check_params_file
from act_core.ros.process.environment import STARTER_VARIABLE, environment_defaults
from act_core.system.declaration import Declaration, as_text
from act_core.system.system import Include, Process, System, Values, own_clock

# Of a process that was asked to end: by our own signal handling, and by Python's.
_INTERRUPTED = (130, -2)


def describe(system: System) -> LaunchDescription:
    """Return a launch description that starts `system`; every fault of an argument stops it."""
    description = LaunchDescription(
        [
            *(
                SetEnvironmentVariable(name, EnvironmentVariable(name, default_value=value))
                for name, value in environment_defaults().items()
            ),
            SetEnvironmentVariable(STARTER_VARIABLE, str(os.getpid())),
            *map(_declare, system.declared.values()),
        ]
    )
    description.add_action(OpaqueFunction(function=_derive, args=[system, description]))
    for include in system.includes:
        description.add_action(_include(include))
    description.add_action(_Start(system))
    return description


class _Start(OpaqueFunction):
    """Starts the processes of `system`, which others can read off this action."""

    def __init__(self, system: System) -> None:
        super().__init__(function=_start, args=[system])
        self.system = system


def _declare(declared: Declaration) -> DeclareLaunchArgument:
    # launch would ask an including file for an argument without default; `values` asks anyway.
    default: object = "" if declared.required else as_text(declared.default)
    if declared.same_as:
        default = LaunchConfiguration(declared.same_as)
    allowed = "true, false" if declared.value_type is bool else declared.range_text
    more = f" Allowed: {allowed}." if allowed else ""
    return DeclareLaunchArgument(
        declared.name, default_value=default, description=declared.description + more
    )


def _include(include: Include) -> IncludeLaunchDescription:
    file = [FindPackageShare(include.package), f"/launch/{include.name}.launch.py"]
    condition = IfCondition(LaunchConfiguration(include.when)) if include.when else None
    return IncludeLaunchDescription(file, condition=condition)


def _derive(
    context: LaunchContext, system: System, description: LaunchDescription
) -> list[SetLaunchConfiguration]:
    """Check what was given, before any process starts, and set what follows from it."""
    values = system.values(context.launch_configurations)
    if _was_asked_for(context):
        known = [a.name for a in description.get_launch_arguments()]
        for text in context.argv:
            name = text.partition(":=")[0]
            if name not in known:
                raise ParameterError(f"unknown argument '{name}'{suggestion(name, known)}")
        names = [process.name for process in _processes(description.entities)]
        check_params_file(values["params_file"], values["namespace"], names)
    return [SetLaunchConfiguration(name, as_text(value)) for name, value in values.items()]


def _was_asked_for(context: LaunchContext) -> bool:
    """Tell whether a person named this very file; others include it, with arguments of theirs."""
    own = Path(context.locals.current_launch_file_path).name
    return own in (Path(argument).name for argument in sys.argv)


def _processes(entities: Iterable[LaunchDescriptionEntity]) -> Iterator[Process]:
    """Yield the processes of the systems among `entities` and of what they include."""
    for entity in entities:
        if isinstance(entity, _Start):
            yield from entity.system.processes
        yield from _processes(entity.describe_sub_entities())
        for _, inner in entity.describe_conditional_sub_entities():
            yield from _processes(inner)


def _start(context: LaunchContext, system: System) -> list[GroupAction]:
    values = system.values(context.launch_configurations)
    nodes = [_node(process, values) for process in system.wanted(values) if not process.terminal]
    return [GroupAction([PushRosNamespace(values["namespace"]), *nodes])]


def _node(process: Process, values: Values) -> Node:
    parameters: list[object] = [process.parameters(values)]
    if values["params_file"]:
        parameters.append(str(user_path(values["params_file"])))
    return Node(
        package=process.package,
        executable=process.executable,
        name=process.name,
        parameters=parameters,
        arguments=list(process.arguments),
        remappings=[("/clock", own_clock(values))],
        ros_arguments=["--log-level", values["log_level"]],
        output="screen",
        on_exit=_end_all,
    )


def _end_all(event: ProcessExited, context: LaunchContext) -> list[Shutdown] | None:
    """Bring the whole launch down when a process ends.

    Raises:
        RuntimeError: the process failed; launch logs this in one line, ends the other processes
            and exits with status 1, where Shutdown alone would have it exit with 0.
    """
    if context.is_shutdown:
        return None
    if event.returncode and event.returncode not in _INTERRUPTED:
        raise RuntimeError(
            f"{event.process_name} ended with status {event.returncode}, its output says why"
        )
    return [Shutdown(reason=f"{event.process_name} has ended")]
