# SPDX-License-Identifier: Apache-2.0
"""Errors of the policy package."""

from act_core.errors import ActError


class ConfigError(ActError):
    """A model or training configuration has an unknown key or a value that cannot work."""


class DatasetError(ActError):
    """Episodes cannot be trained on together, or there are too few of them."""


class CheckpointError(ActError):
    """A checkpoint is missing, damaged, or does not fit the model it names."""


class TrainingError(ActError):
    """Training cannot start, go on, or be resumed."""


class PolicyInputError(ActError):
    """An observation does not have the shape, type or cameras that the policy was trained on."""


class InferenceError(ActError):
    """The inference worker cannot start, reported a fault, or is gone."""


class EngineError(ActError):
    """An inference engine is not installed, or cannot run this network here."""
