# SPDX-License-Identifier: Apache-2.0
"""From an observation to a chunk of actions, in a process of its own."""
