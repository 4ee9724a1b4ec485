"""The catalogue of boundary checks: codes are a contract (docs/checks.md)."""

from geo.findings import Catalogue

CHECKS = Catalogue()
