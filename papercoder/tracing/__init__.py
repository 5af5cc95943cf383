"""Traces of runs in LangSmith, where the user asked for them: docs/tracing.md says what leaves and what does not."""
