"""The tools about the workspace itself and who may come in, a file for each thing they speak of; found by being here."""

from kernel import discover

discover.modules(__name__)
