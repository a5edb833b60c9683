# SPDX-License-Identifier: Apache-2.0
"""Errors of the simulator."""

from act_core.errors import ActError


class SimError(ActError):
    """The simulated world cannot be built, stepped or rendered."""


class PlanError(ActError):
    """The demonstrator finds no motion for the scene it was given."""
