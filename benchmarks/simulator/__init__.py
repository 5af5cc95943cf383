"""A simulated OpenAI-compatible provider: deterministic answers, latency, prefix caching, faults and a log.

`benchmarks.simulator.process.Simulator` runs it as a child process; `python -m benchmarks.simulator` runs it alone.
"""
