# SPDX-License-Identifier: Apache-2.0
"""Action Chunking with Transformers: model, training, and the node that drives."""
