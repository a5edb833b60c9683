# SPDX-License-Identifier: Apache-2.0
"""Action Chunking with Transformers: model, training, and the node that drives."""

from act_core.public_names import public_names

_MODULES = {
    "ACT": "model.act",
    "ACTConfig": "model.act_config",
    "Checkpoint": "checkpoint.checkpoint",
    "CheckpointDescription": "checkpoint.description",
    "ChunkBroker": "driving.chunk_broker",
    "DatasetFolder": "samples.dataset_folder",
    "LocalPolicy": "driving.local_policy",
    "NetworkPolicy": "inference.network_policy",
    "Statistics": "model.statistics",
    "TemporalEnsembler": "driving.ensembler",
    "Trainer": "training.trainer",
    "TrainingConfig": "training.training_config",
    "find_checkpoint": "checkpoint.find_checkpoint",
    "load_checkpoint": "checkpoint.checkpoint",
    "read_description": "checkpoint.description",
    "save_checkpoint": "checkpoint.checkpoint",
}
__all__ = list(_MODULES)
__getattr__ = public_names(__name__, _MODULES)
