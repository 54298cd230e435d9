"""Records the sessions of ``sessions/`` from scenes, the same ones every time."""
