# SPDX-License-Identifier: Apache-2.0
"""Verb `browse`: a local web page to look at a dataset, judge, label and delete."""
