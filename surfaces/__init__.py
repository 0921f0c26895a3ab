"""Every way in: MCP, REST, the command line's client, webhooks and the portal; all of them go through `invoke`."""
