"""What confines a process from within itself: Landlock, seccomp, resource limits, and the keeper of its tree.

Its modules import the standard library alone: they run in an interpreter of their own, started for each command.
"""
