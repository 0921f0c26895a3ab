"""The command line's verbs, a file for each family: `VERBS` says which tool a verb calls, `COMMANDS` are the few that do more."""
