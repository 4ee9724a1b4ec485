"""The catalogue of boundary checks: codes are a contract (checks.md)."""

from geo.findings import Catalogue

CHECKS = Catalogue()
