# SPDX-License-Identifier: Apache-2.0
"""From chunks to commands: when to ask, how to blend, when to hold."""
