-- What the database itself refuses, whoever asks: the application's role, a script, a person at psql.

-- A version is never changed and never deleted. Closing `recorded` is the one update there is: an open
-- range gets an end, now or earlier in this transaction. Demonstration data may be taken away by the
-- tables' owner who says so (set yudi.removing_demo = 'on'); the application's role cannot.
create function yudi_keep_version() returns trigger language plpgsql as $$
declare
    expected record;
begin
    if tg_op = 'DELETE' then
        if old.demo and coalesce(current_setting('yudi.removing_demo', true), '') = 'on'
           and pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'usage') then
            return old;
        end if;
        raise exception 'a version in % is never deleted (id %)', tg_table_name, old.id
            using errcode = 'restrict_violation', hint = 'close it and add a new version';
    end if;
    expected := new;
    expected.recorded := old.recorded;
    -- *<> compares the stored bytes: geometry as well, to the last bit.
    if expected *<> old then
        raise exception 'a version in % is never changed (id %)', tg_table_name, old.id
            using errcode = 'restrict_violation', hint = 'close it and add a new version';
    end if;
    if not upper_inf(old.recorded) or upper_inf(new.recorded) or lower(new.recorded) <> lower(old.recorded)
       or upper(new.recorded) > clock_timestamp() then
        raise exception 'recorded of a version in % can only be closed, once, with the present (id %)',
            tg_table_name, old.id using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;

create function yudi_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' and tg_table_name = 'demarcation_step' and (to_jsonb(old) ->> 'demo')::boolean
       and coalesce(current_setting('yudi.removing_demo', true), '') = 'on'
       and pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'usage') then
        return old;
    end if;
    raise exception '% is append-only: % refused', tg_table_name, lower(tg_op)
        using errcode = 'restrict_violation';
end
$$;

create trigger keep_version before update or delete on admin_unit
    for each row execute function yudi_keep_version();
create trigger keep_version before update or delete on boundary_line
    for each row execute function yudi_keep_version();
create trigger keep_version before update or delete on boundary_marker
    for each row execute function yudi_keep_version();
create trigger keep_version before update or delete on tripoint
    for each row execute function yudi_keep_version();
create trigger keep_version before update or delete on public_shape
    for each row execute function yudi_keep_version();

create trigger append_only before update or delete on audit_event
    for each row execute function yudi_append_only();
create trigger append_only before update or delete on demarcation_step
    for each row execute function yudi_append_only();

create trigger no_truncate before truncate on admin_unit execute function yudi_append_only();
create trigger no_truncate before truncate on boundary_line execute function yudi_append_only();
create trigger no_truncate before truncate on boundary_marker execute function yudi_append_only();
create trigger no_truncate before truncate on tripoint execute function yudi_append_only();
create trigger no_truncate before truncate on public_shape execute function yudi_append_only();
create trigger no_truncate before truncate on audit_event execute function yudi_append_only();
create trigger no_truncate before truncate on demarcation_step execute function yudi_append_only();

-- The audit chain: every row follows the one before it, without a gap and with its hash.
create function yudi_follow_chain() returns trigger language plpgsql as $$
declare
    last record;
begin
    select id, hash into last from audit_event order by id desc limit 1;
    if new.id <> coalesce(last.id, 0) + 1 or new.previous <> coalesce(last.hash, ''::bytea) then
        raise exception 'audit event % does not follow the chain', new.id
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;

create trigger follow_chain before insert on audit_event
    for each row execute function yudi_follow_chain();

-- A step continues where its line is, and is taken once.
create function yudi_step_continues() returns trigger language plpgsql as $$
declare
    last record;
begin
    select version, to_state, on_date into last
        from demarcation_step where code = new.code order by version desc limit 1;
    if new.version <> coalesce(last.version, 1) + 1 then
        raise exception 'step % of line % does not follow step %', new.version, new.code,
            coalesce(last.version, 1) using errcode = 'integrity_constraint_violation';
    end if;
    if new.from_state <> coalesce(last.to_state, 'undemarcated') then
        raise exception 'step % of line % starts from %, the line is in %', new.version, new.code,
            new.from_state, coalesce(last.to_state, 'undemarcated')
            using errcode = 'integrity_constraint_violation';
    end if;
    if new.on_date < last.on_date then
        raise exception 'step % of line % is dated before the step before it', new.version, new.code
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;

create trigger step_continues before insert on demarcation_step
    for each row execute function yudi_step_continues();

-- State and version of a line move only together with a step. Checked at the end of the transaction, so
-- that the row and its step may be written in either order.
create function yudi_state_has_step() returns trigger language plpgsql as $$
declare
    held record;
begin
    -- The row as it is now, not as it was when the trigger was queued: several steps may follow in one transaction.
    select code, state, version into held from demarcation where code = new.code;
    if held is null or (held.state = 'undemarcated' and held.version = 1) then
        return null;
    end if;
    if not exists (
        select from demarcation_step s
        where s.code = held.code and s.version = held.version and s.to_state = held.state
    ) or exists (
        select from demarcation_step s where s.code = held.code and s.version > held.version
    ) then
        raise exception 'line % stands at % (version %) without the step that took it there',
            held.code, held.state, held.version using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;

create constraint trigger state_has_step after insert or update of state, version on demarcation
    deferrable initially deferred for each row execute function yudi_state_has_step();

create function yudi_step_moves_line() returns trigger language plpgsql as $$
begin
    if not exists (
        select from demarcation d where d.code = new.code and d.version >= new.version
    ) then
        raise exception 'step % of line % left the line where it was', new.version, new.code
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;

create constraint trigger step_moves_line after insert on demarcation_step
    deferrable initially deferred for each row execute function yudi_step_moves_line();
