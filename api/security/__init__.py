"""Security: permissions (one table), passwords, sessions, CSRF, tokens, limits, headers."""
