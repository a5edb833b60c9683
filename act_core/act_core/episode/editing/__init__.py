# SPDX-License-Identifier: Apache-2.0
"""Changes to finished episodes, whole or not at all."""
