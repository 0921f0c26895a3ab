"""The house rules, each a check over the syntax tree, the registry or the files; each with a snippet that it must catch."""
