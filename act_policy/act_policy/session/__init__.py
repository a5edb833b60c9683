# SPDX-License-Identifier: Apache-2.0
"""A policy at work in its node: parameters, topics, timers, the inference process."""
