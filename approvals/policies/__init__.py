"""The policies, a file each, found by being here: a version, its settings, a sentence about them, and a pure judgement."""
