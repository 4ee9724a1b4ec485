"""Demonstration district 演示数据（虚构）: generated geometry, a tutorial set, and its way in and out of the database."""
