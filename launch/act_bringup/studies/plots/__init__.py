# SPDX-License-Identifier: Apache-2.0
"""The pictures of the studies, a module for each."""
