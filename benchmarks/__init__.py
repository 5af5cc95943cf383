"""Speed, cost and storage figures, measured against a simulated provider."""
