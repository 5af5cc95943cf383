"""Runs on a LangGraph server: the paper is sent there, its events are followed, the repository is written here."""
