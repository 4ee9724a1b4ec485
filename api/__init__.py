"""Who may ask and change: HTTP, pages, jobs and commands. Imports geo and maps."""
