"""Naming rules (命名规则): one file per rule of 《地名管理条例》, which `run` finds by itself."""
