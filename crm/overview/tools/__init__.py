"""The tools that say how things stand, a file for each thing they speak of; found by being here."""

from kernel import discover

discover.modules(__name__)
