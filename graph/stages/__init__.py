"""The nodes of the three graphs: each gathers what it needs, asks its agent, and returns what changed."""
