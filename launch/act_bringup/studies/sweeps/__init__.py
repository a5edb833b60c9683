# SPDX-License-Identifier: Apache-2.0
"""Studies of trainings that differ in one thing each."""
