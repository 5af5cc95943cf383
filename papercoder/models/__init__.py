"""What it takes to talk to models: providers, prices, tokens, budgets, recordings, and reading answers."""
