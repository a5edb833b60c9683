# SPDX-License-Identifier: Apache-2.0
"""Formats of other projects, one file each, and the verb `convert` between them and ours."""
