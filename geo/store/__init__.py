"""The only SQL in geo, and the only room that knows a session."""
