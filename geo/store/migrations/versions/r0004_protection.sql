-- Protection lists (地名保护名录). The rows hold where a list and an entry stand; every step is in protection_step.

CREATE TABLE protection_list (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    district VARCHAR(6) NOT NULL,
    kind VARCHAR(10) NOT NULL,
    batch INTEGER NOT NULL,
    title TEXT NOT NULL,
    state VARCHAR(10) DEFAULT 'draft' NOT NULL,
    document TEXT,
    published_on DATE,
    version INTEGER DEFAULT '1' NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT protection_list_pkey PRIMARY KEY (id),
    CONSTRAINT protection_list_kind_known_check CHECK (kind in ('historic', 'rural')),
    CONSTRAINT protection_list_state_known_check CHECK (state in ('draft', 'review', 'published', 'discarded')),
    CONSTRAINT protection_list_batch_positive_check CHECK (batch > 0),
    CONSTRAINT protection_list_published_by_document_check CHECK (state <> 'published' or (coalesce(length(document), 0) > 0 and published_on is not null))
);
CREATE UNIQUE INDEX protection_list_batch_key ON protection_list (district, kind, batch) WHERE state <> 'discarded';

CREATE TABLE protection_entry (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    list_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    kind_class VARCHAR(20),
    grounds JSONB DEFAULT '[]' NOT NULL,
    measures JSONB DEFAULT '[]' NOT NULL,
    reasons TEXT,
    reuse_plan TEXT,
    state VARCHAR(10) DEFAULT 'proposed' NOT NULL,
    proposed_by BIGINT NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT protection_entry_pkey PRIMARY KEY (id),
    CONSTRAINT protection_entry_list_id_number_key UNIQUE (list_id, number),
    CONSTRAINT protection_entry_state_known_check CHECK (state in ('proposed', 'accepted', 'refused', 'withdrawn')),
    CONSTRAINT protection_entry_list_id_fkey FOREIGN KEY(list_id) REFERENCES protection_list (id),
    CONSTRAINT protection_entry_proposed_by_fkey FOREIGN KEY(proposed_by) REFERENCES app_user (id)
);
CREATE INDEX protection_entry_number_ix ON protection_entry (number);

CREATE TABLE protection_step (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    list_id BIGINT NOT NULL,
    entry_id BIGINT,
    version INTEGER NOT NULL,
    transition VARCHAR(20) NOT NULL,
    from_state VARCHAR(10),
    to_state VARCHAR(10) NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    actor_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    document TEXT,
    before JSONB,
    after JSONB,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT protection_step_pkey PRIMARY KEY (id),
    CONSTRAINT protection_step_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT protection_step_list_id_fkey FOREIGN KEY(list_id) REFERENCES protection_list (id),
    CONSTRAINT protection_step_entry_id_fkey FOREIGN KEY(entry_id) REFERENCES protection_entry (id),
    CONSTRAINT protection_step_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES app_user (id)
);
CREATE INDEX protection_step_entry_ix ON protection_step (entry_id);
CREATE INDEX protection_step_list_ix ON protection_step (list_id, id);

create trigger append_only before update or delete on protection_step
    for each row execute function yudi_append_only();
create trigger no_truncate before truncate on protection_step execute function yudi_append_only();

create or replace function yudi_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and tg_table_name in ('demarcation_step', 'name_succession', 'protection_step')
       and (to_jsonb(old) ->> 'demo')::boolean
       and coalesce(current_setting('yudi.removing_demo', true), '') = 'on'
       and pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'usage') then
        return old;
    end if;
    raise exception '% is append-only: % refused', tg_table_name, lower(tg_op)
        using errcode = 'restrict_violation';
end
$$;

-- State and version move only together with a step: checked at the end of the transaction.
create function yudi_protection_has_step() returns trigger language plpgsql as $$
declare
    held record;
begin
    if tg_table_name = 'protection_list' then
        select id, state, version into held from protection_list where id = new.id;
        if held is not null and not exists (
            select from protection_step s where s.list_id = held.id and s.entry_id is null
                and s.version = held.version and s.to_state = held.state
        ) then
            raise exception 'protection list % stands at % (version %) without its step', held.id, held.state,
                held.version using errcode = 'integrity_constraint_violation';
        end if;
    else
        select id, state, version into held from protection_entry where id = new.id;
        if held is not null and not exists (
            select from protection_step s where s.entry_id = held.id and s.version = held.version
                and s.to_state = held.state
        ) then
            raise exception 'protection entry % stands at % (version %) without its step', held.id, held.state,
                held.version using errcode = 'integrity_constraint_violation';
        end if;
    end if;
    return null;
end
$$;

create constraint trigger has_step after insert or update on protection_list
    deferrable initially deferred for each row execute function yudi_protection_has_step();
create constraint trigger has_step after insert or update on protection_entry
    deferrable initially deferred for each row execute function yudi_protection_has_step();

-- 保护名录（公开）: published lists and their names; without persons and inner reasons.
create view published.protection_list with (security_barrier) as
    select l.id, l.district, l.kind, l.batch, l.title, l.document, l.published_on, l.demo
    from public.protection_list l
    where l.state = 'published';

create view published.protection_entry with (security_barrier) as
    select e.id, e.list_id, e.number, e.kind_class, e.grounds, e.measures, e.reasons, e.reuse_plan, e.state, e.demo
    from public.protection_entry e
    join public.protection_list l on l.id = e.list_id
    where l.state = 'published' and e.state in ('accepted', 'withdrawn');

grant select on published.protection_list, published.protection_entry to yudi_public, yudi_app;
grant select, insert on protection_list, protection_entry, protection_step to yudi_app;
grant update (state, version, title, document, published_on) on protection_list to yudi_app;
grant update (state, version, kind_class, grounds, measures, reasons, reuse_plan) on protection_entry to yudi_app;
