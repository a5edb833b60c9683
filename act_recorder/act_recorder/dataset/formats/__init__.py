# SPDX-License-Identifier: Apache-2.0
"""Episodes of other projects: one file a format, and the verb that converts."""
