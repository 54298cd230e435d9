"""The composition root: turns settings into an open session.

Nothing below this floor knows where a provider, a tool or a folder came from.
"""
