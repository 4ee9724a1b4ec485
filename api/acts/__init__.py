"""Acts: every change of a record, one file per act. An act takes (session, actor, ...), asks permission first, writes the audit entry last, and never commits."""
