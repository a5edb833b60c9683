# SPDX-License-Identifier: Apache-2.0
"""The arm bridge: joins what several drivers say, splits commands to their controllers."""
