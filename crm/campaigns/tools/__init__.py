"""The tools about campaigns, a file for each thing they do; found by being here."""

from kernel import discover

discover.modules(__name__)
