"""Reasons of a run's end that mean something to those who read them, beside being words."""

INTERRUPTED_BY_PERSON = "interrupted by the person"
"""The person who is at the console stopped the run; to them it is told as theirs."""
