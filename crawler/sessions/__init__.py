"""Source sessions: which sources a run holds, and what it finds at one while it holds it."""
