# SPDX-License-Identifier: Apache-2.0
"""From episode files to training samples."""
