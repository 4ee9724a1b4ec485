"""Facilities (设施): elderly care first, any further kind as a row of a table."""
