"""Boundary checks (docs/checks.md): one file per check, named by code and defect, found by `run` itself."""
