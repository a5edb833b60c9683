# SPDX-License-Identifier: Apache-2.0
"""One node as one process: start, signals, errors, environment, launch."""
