-- What the naming rules go by. Words and settings are versioned rows: a change closes `recorded` of one and
-- adds another; nothing is deleted.

CREATE TABLE naming_word (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    list VARCHAR(20) NOT NULL,
    word TEXT NOT NULL,
    kind TEXT NOT NULL,
    severity VARCHAR(10) NOT NULL,
    match VARCHAR(10) NOT NULL,
    source TEXT NOT NULL,
    licence TEXT,
    reason TEXT NOT NULL,
    made_by BIGINT,
    recorded TSTZRANGE DEFAULT tstzrange(clock_timestamp(), null, '[)') NOT NULL,
    CONSTRAINT naming_word_pkey PRIMARY KEY (id),
    CONSTRAINT naming_word_severity_known_check CHECK (severity in ('error', 'warning', 'info', 'off')),
    CONSTRAINT naming_word_match_known_check CHECK (match in ('anywhere', 'whole')),
    CONSTRAINT naming_word_word_is_one_check CHECK (length(word) between 1 and 60 and word = btrim(word)),
    CONSTRAINT naming_word_source_and_reason_check CHECK (length(source) > 0 and length(reason) > 0),
    CONSTRAINT naming_word_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE UNIQUE INDEX naming_word_current_key ON naming_word (list, word) WHERE upper_inf(recorded);
CREATE INDEX naming_word_word_ix ON naming_word (word);

CREATE TABLE naming_setting (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    kind VARCHAR(10) NOT NULL,
    key TEXT NOT NULL,
    value JSONB NOT NULL,
    reason TEXT NOT NULL,
    made_by BIGINT,
    recorded TSTZRANGE DEFAULT tstzrange(clock_timestamp(), null, '[)') NOT NULL,
    CONSTRAINT naming_setting_pkey PRIMARY KEY (id),
    CONSTRAINT naming_setting_kind_known_check CHECK (kind in ('rule', 'threshold', 'reading')),
    CONSTRAINT naming_setting_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT naming_setting_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE UNIQUE INDEX naming_setting_current_key ON naming_setting (kind, key) WHERE upper_inf(recorded);

CREATE TABLE built_up_area (
    code VARCHAR(40) NOT NULL,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    geometry geometry(MULTIPOLYGON,4490) NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    valid DATERANGE NOT NULL,
    recorded TSTZRANGE DEFAULT tstzrange(clock_timestamp(), null, '[)') NOT NULL,
    reason TEXT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    submission_id UUID,
    made_by BIGINT NOT NULL,
    CONSTRAINT built_up_area_pkey PRIMARY KEY (id),
    CONSTRAINT built_up_area_one_version_excl EXCLUDE USING gist (code WITH =, valid WITH &&, recorded WITH &&),
    CONSTRAINT built_up_area_valid_not_empty_check CHECK (not isempty(valid)),
    CONSTRAINT built_up_area_recorded_not_empty_check CHECK (not isempty(recorded)),
    CONSTRAINT built_up_area_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT built_up_area_source_given_check CHECK (length(source) > 0),
    CONSTRAINT built_up_area_submission_id_fkey FOREIGN KEY(submission_id) REFERENCES submission (id),
    CONSTRAINT built_up_area_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE INDEX built_up_area_code_ix ON built_up_area (code);
CREATE INDEX built_up_area_geometry_gist ON built_up_area USING gist (geometry);
CREATE INDEX built_up_area_submission_id_ix ON built_up_area (submission_id);

-- Keys by which a name finds what it sounds or looks like. The trigger notes every new pair of name and
-- category; Python fills in the keys (geo/store/name_shapes.py).
CREATE TABLE name_shape (
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    keys TEXT[],
    CONSTRAINT name_shape_pkey PRIMARY KEY (name, category)
);
CREATE INDEX name_shape_keys_gin ON name_shape USING gin (keys) WITH (fastupdate = off);
CREATE INDEX name_shape_due_ix ON name_shape (name) WHERE keys is null;

-- The names of one name's candidates inside a scope: see geo/store/name_facts.sql.
CREATE INDEX place_name_scope_ix ON place_name (name, category, unit_code) WHERE upper_inf(recorded);

create function yudi_note_shape() returns trigger language plpgsql as $$
begin
    -- In order, so that two imports at once wait for each other instead of locking each other out.
    insert into name_shape (name, category)
    select distinct a.name, a.category from added a
    where not exists (select from name_shape s where s.name = a.name and s.category = a.category)
    order by a.name, a.category
    on conflict do nothing;
    return null;
end
$$;
create trigger note_shape after insert on place_name
    referencing new table as added for each statement execute function yudi_note_shape();

-- Nothing of a version changes but its end.
create function yudi_keep_naming() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and to_jsonb(old) - 'recorded' = to_jsonb(new) - 'recorded'
       and upper_inf(old.recorded) and lower(new.recorded) = lower(old.recorded)
       and not upper_inf(new.recorded) then
        return new;
    end if;
    raise exception '% is versioned: % refused', tg_table_name, lower(tg_op)
        using errcode = 'restrict_violation';
end
$$;
create trigger keep_version before update or delete on naming_word
    for each row execute function yudi_keep_naming();
create trigger keep_version before update or delete on naming_setting
    for each row execute function yudi_keep_naming();
create trigger keep_version before update or delete on built_up_area
    for each row execute function yudi_keep_version();
create trigger no_truncate before truncate on naming_word execute function yudi_append_only();
create trigger no_truncate before truncate on naming_setting execute function yudi_append_only();
create trigger no_truncate before truncate on built_up_area execute function yudi_append_only();

insert into name_shape (name, category) select distinct name, category from place_name;

grant select, insert on naming_word, naming_setting, built_up_area, name_shape to yudi_app;
grant update (recorded) on naming_word, naming_setting, built_up_area to yudi_app;
grant update (keys) on name_shape to yudi_app;
