# SPDX-License-Identifier: Apache-2.0
"""The network: ACT as published, and what its numbers mean."""
