"""The pipeline as a LangGraph state machine: every arrow is in `graph/pipeline.py`."""
