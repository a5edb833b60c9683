# SPDX-License-Identifier: Apache-2.0
"""What can be set and what can be started: declarations, systems of processes, command lines."""
