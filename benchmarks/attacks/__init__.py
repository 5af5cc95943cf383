"""Attacks of generated code on the machine it runs on, run for real in every containment."""
