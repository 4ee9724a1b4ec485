-- Sixteen random bytes in each event from now on: the digests of the contents are public, and nobody shall find
-- out by trying who did what when. Events before stay without.
alter table audit_event add column salt bytea;

-- /admin/audit: by time, by person and by act in the order of the chain.
CREATE INDEX audit_event_at_ix ON audit_event (at);
CREATE INDEX audit_event_actor_ix ON audit_event (actor_id, id);
CREATE INDEX audit_event_act_ix ON audit_event (act, id);
