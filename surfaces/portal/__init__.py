"""Where people read and decide: approval pages by link, and the portal; plain HTML that needs no script."""
