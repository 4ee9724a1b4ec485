-- Facilities (设施), what is reported about them, areas of policy and of communities, the street network; and the items
-- of the 乡村著名 programme. Facilities, areas and items are versioned records, as names are.

create sequence facility_number;
create sequence programme_item_number;

CREATE TABLE care_figure (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    figure VARCHAR(40) NOT NULL,
    unit_code VARCHAR(12) NOT NULL,
    month DATE NOT NULL,
    value NUMERIC(12, 2) NOT NULL,
    reason TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    made_by BIGINT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT care_figure_pkey PRIMARY KEY (id),
    CONSTRAINT care_figure_value_positive_check CHECK (value >= 0),
    CONSTRAINT care_figure_month_begins_check CHECK (extract(day from month) = 1),
    CONSTRAINT care_figure_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT care_figure_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE INDEX care_figure_key_ix ON care_figure (figure, unit_code, month, id);

CREATE TABLE facility_inspection (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    number BIGINT NOT NULL,
    on_date DATE NOT NULL,
    kind VARCHAR(20) NOT NULL,
    says TEXT NOT NULL,
    hazards JSONB DEFAULT '[]' NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    made_by BIGINT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT facility_inspection_pkey PRIMARY KEY (id),
    CONSTRAINT facility_inspection_says_something_check CHECK (length(btrim(says)) > 0),
    CONSTRAINT facility_inspection_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE INDEX facility_inspection_number_ix ON facility_inspection (number, id);

CREATE TABLE facility_report (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    number BIGINT NOT NULL,
    vacancies INTEGER,
    nursing_vacancies INTEGER,
    notice TEXT,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    made_by BIGINT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT facility_report_pkey PRIMARY KEY (id),
    CONSTRAINT facility_report_vacancies_positive_check CHECK (vacancies >= 0 and nursing_vacancies >= 0),
    CONSTRAINT facility_report_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE INDEX facility_report_number_ix ON facility_report (number, id);

CREATE TABLE walk_network (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    district VARCHAR(6) NOT NULL,
    dated DATE NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    nodes INTEGER NOT NULL,
    edges INTEGER NOT NULL,
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    made_by BIGINT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT walk_network_pkey PRIMARY KEY (id),
    CONSTRAINT walk_network_reason_given_check CHECK (length(reason) > 0 and length(source) > 0),
    CONSTRAINT walk_network_sha256_fkey FOREIGN KEY(sha256) REFERENCES stored_file (sha256),
    CONSTRAINT walk_network_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE INDEX walk_network_district_ix ON walk_network (district, id);

CREATE TABLE community_area (
    code VARCHAR(12) NOT NULL,
    name TEXT NOT NULL,
    elders INTEGER,
    elders_on DATE,
    source TEXT NOT NULL,
    geometry geometry(MULTIPOLYGON,4490) NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    valid DATERANGE NOT NULL,
    recorded TSTZRANGE DEFAULT tstzrange(clock_timestamp(), null, '[)') NOT NULL,
    reason TEXT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    submission_id UUID,
    made_by BIGINT NOT NULL,
    CONSTRAINT community_area_pkey PRIMARY KEY (id),
    CONSTRAINT community_area_one_version_excl EXCLUDE USING gist (code WITH =, valid WITH &&, recorded WITH &&),
    CONSTRAINT community_area_valid_not_empty_check CHECK (not isempty(valid)),
    CONSTRAINT community_area_recorded_not_empty_check CHECK (not isempty(recorded)),
    CONSTRAINT community_area_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT community_area_code_digits_check CHECK (code ~ '^[0-9]{9,12}$'),
    CONSTRAINT community_area_elders_positive_check CHECK (elders >= 0),
    CONSTRAINT community_area_elders_have_date_check CHECK ((elders is null) = (elders_on is null)),
    CONSTRAINT community_area_submission_id_fkey FOREIGN KEY(submission_id) REFERENCES submission (id),
    CONSTRAINT community_area_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE INDEX community_area_code_ix ON community_area (code);
CREATE INDEX community_area_geometry_gist ON community_area USING gist (geometry);
CREATE INDEX community_area_submission_id_ix ON community_area (submission_id);

CREATE TABLE facility (
    number BIGINT DEFAULT nextval('facility_number') NOT NULL,
    code TEXT,
    name TEXT NOT NULL,
    kind VARCHAR(3) NOT NULL,
    sub_kind TEXT,
    mode TEXT,
    nature TEXT,
    status VARCHAR(10) NOT NULL,
    grade TEXT,
    unit_code VARCHAR(12) NOT NULL,
    address TEXT,
    phone TEXT,
    operator_id BIGINT,
    operator TEXT,
    beds INTEGER,
    nursing_beds INTEGER,
    services JSONB DEFAULT '[]' NOT NULL,
    hours JSONB DEFAULT '{}' NOT NULL,
    prices JSONB DEFAULT '{}' NOT NULL,
    access JSONB DEFAULT '{}' NOT NULL,
    facts JSONB DEFAULT '{}' NOT NULL,
    internal JSONB DEFAULT '{}' NOT NULL,
    restricted BOOLEAN DEFAULT 'false' NOT NULL,
    sources JSONB DEFAULT '[]' NOT NULL,
    pictures JSONB DEFAULT '[]' NOT NULL,
    checked_on DATE,
    geometry geometry(POINT,4490),
    geometry_source VARCHAR(10),
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    valid DATERANGE NOT NULL,
    recorded TSTZRANGE DEFAULT tstzrange(clock_timestamp(), null, '[)') NOT NULL,
    reason TEXT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    submission_id UUID,
    made_by BIGINT NOT NULL,
    CONSTRAINT facility_pkey PRIMARY KEY (id),
    CONSTRAINT facility_one_version_excl EXCLUDE USING gist (number WITH =, valid WITH &&, recorded WITH &&),
    CONSTRAINT facility_valid_not_empty_check CHECK (not isempty(valid)),
    CONSTRAINT facility_recorded_not_empty_check CHECK (not isempty(recorded)),
    CONSTRAINT facility_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT facility_kind_form_check CHECK (kind ~ '^[A-Z][0-9]{2}$'),
    CONSTRAINT facility_status_known_check CHECK (status in ('planned', 'building', 'accepted', 'open', 'suspended', 'closed')),
    CONSTRAINT facility_name_is_one_check CHECK (length(name) between 1 and 100 and name = btrim(name) and name !~ '[[:cntrl:]]'),
    CONSTRAINT facility_unit_digits_check CHECK (unit_code ~ '^[0-9]{6,12}$'),
    CONSTRAINT facility_beds_fit_check CHECK (beds >= 0 and nursing_beds >= 0 and nursing_beds <= beds),
    CONSTRAINT facility_geometry_has_source_check CHECK ((geometry is null) = (geometry_source is null)),
    CONSTRAINT facility_geometry_source_known_check CHECK (geometry_source in ('surveyed', 'imported', 'derived', 'demo')),
    CONSTRAINT facility_geometry_in_degrees_check CHECK (geometry is null or (ST_XMin(geometry) >= -180 and ST_XMax(geometry) <= 180 and ST_YMin(geometry) >= -90 and ST_YMax(geometry) <= 90)),
    CONSTRAINT facility_operator_id_fkey FOREIGN KEY(operator_id) REFERENCES organisation (id),
    CONSTRAINT facility_submission_id_fkey FOREIGN KEY(submission_id) REFERENCES submission (id),
    CONSTRAINT facility_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE UNIQUE INDEX facility_code_key ON facility (code) WHERE upper_inf(recorded) and upper_inf(valid) and code is not null;
CREATE INDEX facility_geometry_gist ON facility USING gist (geometry);
CREATE INDEX facility_kind_ix ON facility (kind) WHERE upper_inf(recorded);
CREATE INDEX facility_number_ix ON facility (number);
CREATE INDEX facility_operator_ix ON facility (operator_id);
CREATE INDEX facility_submission_id_ix ON facility (submission_id);
CREATE INDEX facility_unit_code_ix ON facility (unit_code text_pattern_ops);

CREATE TABLE policy_area (
    code TEXT NOT NULL,
    kind VARCHAR(30) NOT NULL,
    name TEXT NOT NULL,
    level VARCHAR(20),
    unit_code VARCHAR(12) NOT NULL,
    document TEXT NOT NULL,
    facts JSONB DEFAULT '{}' NOT NULL,
    geometry geometry(MULTIPOLYGON,4490) NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    valid DATERANGE NOT NULL,
    recorded TSTZRANGE DEFAULT tstzrange(clock_timestamp(), null, '[)') NOT NULL,
    reason TEXT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    submission_id UUID,
    made_by BIGINT NOT NULL,
    CONSTRAINT policy_area_pkey PRIMARY KEY (id),
    CONSTRAINT policy_area_one_version_excl EXCLUDE USING gist (code WITH =, valid WITH &&, recorded WITH &&),
    CONSTRAINT policy_area_valid_not_empty_check CHECK (not isempty(valid)),
    CONSTRAINT policy_area_recorded_not_empty_check CHECK (not isempty(recorded)),
    CONSTRAINT policy_area_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT policy_area_named_check CHECK (length(kind) > 0 and length(name) > 0),
    CONSTRAINT policy_area_document_given_check CHECK (length(document) > 0),
    CONSTRAINT policy_area_submission_id_fkey FOREIGN KEY(submission_id) REFERENCES submission (id),
    CONSTRAINT policy_area_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE INDEX policy_area_code_ix ON policy_area (code);
CREATE INDEX policy_area_geometry_gist ON policy_area USING gist (geometry);
CREATE INDEX policy_area_submission_id_ix ON policy_area (submission_id);

CREATE TABLE programme_item (
    number BIGINT DEFAULT nextval('programme_item_number') NOT NULL,
    code TEXT,
    kind VARCHAR(12) NOT NULL,
    title TEXT NOT NULL,
    theme TEXT,
    status VARCHAR(10) NOT NULL,
    unit_code VARCHAR(12) NOT NULL,
    name_numbers JSONB DEFAULT '[]' NOT NULL,
    says TEXT,
    responsible TEXT,
    on_date DATE,
    facts JSONB DEFAULT '{}' NOT NULL,
    sources JSONB DEFAULT '[]' NOT NULL,
    pictures JSONB DEFAULT '[]' NOT NULL,
    geometry geometry(POINT,4490),
    geometry_source VARCHAR(10),
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    valid DATERANGE NOT NULL,
    recorded TSTZRANGE DEFAULT tstzrange(clock_timestamp(), null, '[)') NOT NULL,
    reason TEXT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    submission_id UUID,
    made_by BIGINT NOT NULL,
    CONSTRAINT programme_item_pkey PRIMARY KEY (id),
    CONSTRAINT programme_item_one_version_excl EXCLUDE USING gist (number WITH =, valid WITH &&, recorded WITH &&),
    CONSTRAINT programme_item_valid_not_empty_check CHECK (not isempty(valid)),
    CONSTRAINT programme_item_recorded_not_empty_check CHECK (not isempty(recorded)),
    CONSTRAINT programme_item_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT programme_item_kind_known_check CHECK (kind in ('museum', 'plan', 'sign', 'map_label', 'product', 'event')),
    CONSTRAINT programme_item_status_known_check CHECK (status in ('planned', 'underway', 'done', 'checked')),
    CONSTRAINT programme_item_title_is_one_check CHECK (length(title) between 1 and 100 and title = btrim(title) and title !~ '[[:cntrl:]]'),
    CONSTRAINT programme_item_unit_digits_check CHECK (unit_code ~ '^[0-9]{6,12}$'),
    CONSTRAINT programme_item_geometry_has_source_check CHECK ((geometry is null) = (geometry_source is null)),
    CONSTRAINT programme_item_geometry_source_known_check CHECK (geometry_source in ('surveyed', 'imported', 'derived', 'demo')),
    CONSTRAINT programme_item_geometry_in_degrees_check CHECK (geometry is null or (ST_XMin(geometry) >= -180 and ST_XMax(geometry) <= 180 and ST_YMin(geometry) >= -90 and ST_YMax(geometry) <= 90)),
    CONSTRAINT programme_item_submission_id_fkey FOREIGN KEY(submission_id) REFERENCES submission (id),
    CONSTRAINT programme_item_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE UNIQUE INDEX programme_item_code_key ON programme_item (kind, code) WHERE upper_inf(recorded) and upper_inf(valid) and code is not null;
CREATE INDEX programme_item_geometry_gist ON programme_item USING gist (geometry);
CREATE INDEX programme_item_kind_ix ON programme_item (kind) WHERE upper_inf(recorded);
CREATE INDEX programme_item_names_ix ON programme_item USING gin (name_numbers);
CREATE INDEX programme_item_number_ix ON programme_item (number);
CREATE INDEX programme_item_submission_id_ix ON programme_item (submission_id);
CREATE INDEX programme_item_unit_code_ix ON programme_item (unit_code text_pattern_ops);

alter sequence facility_number owned by facility.number;
alter sequence programme_item_number owned by programme_item.number;

create trigger keep_version before update or delete on facility
    for each row execute function yudi_keep_version();
create trigger keep_version before update or delete on community_area
    for each row execute function yudi_keep_version();
create trigger keep_version before update or delete on policy_area
    for each row execute function yudi_keep_version();
create trigger keep_version before update or delete on programme_item
    for each row execute function yudi_keep_version();
create trigger no_truncate before truncate on facility execute function yudi_append_only();
create trigger no_truncate before truncate on community_area execute function yudi_append_only();
create trigger no_truncate before truncate on policy_area execute function yudi_append_only();
create trigger no_truncate before truncate on programme_item execute function yudi_append_only();

create or replace function yudi_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE'
       and tg_table_name in ('demarcation_step', 'name_succession', 'protection_step', 'application_step',
                             'application_opinion', 'announcement', 'announcement_case', 'facility_report',
                             'facility_inspection', 'care_figure', 'walk_network')
       and (to_jsonb(old) ->> 'demo')::boolean
       and coalesce(current_setting('yudi.removing_demo', true), '') = 'on'
       and pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'usage') then
        return old;
    end if;
    raise exception '% is append-only: % refused', tg_table_name, lower(tg_op)
        using errcode = 'restrict_violation';
end
$$;
create trigger append_only before update or delete on facility_report
    for each row execute function yudi_append_only();
create trigger append_only before update or delete on facility_inspection
    for each row execute function yudi_append_only();
create trigger append_only before update or delete on care_figure
    for each row execute function yudi_append_only();
create trigger append_only before update or delete on walk_network
    for each row execute function yudi_append_only();
create trigger no_truncate before truncate on facility_report execute function yudi_append_only();
create trigger no_truncate before truncate on facility_inspection execute function yudi_append_only();
create trigger no_truncate before truncate on care_figure execute function yudi_append_only();

-- 设施（公开）: without persons, inspections and internal notes; a restricted address or position is not shown.
create view published.facility with (security_barrier) as
    select f.number, f.code, f.name, f.kind, f.sub_kind, f.mode, f.nature, f.status, f.grade, f.unit_code,
           case when f.restricted then null else f.address end as address, f.phone, f.operator, f.beds, f.nursing_beds,
           f.services, f.hours, f.prices, f.access, f.facts, f.sources, f.pictures, f.checked_on, f.restricted, f.demo,
           f.valid, case when f.restricted then null else f.geometry end as geometry,
           case when f.restricted then null else f.geometry_source end as geometry_source
    from public.facility f
    where upper_inf(f.recorded) and f.status not in ('planned', 'building') and f.kind <> 'E15';

create view published.facility_report with (security_barrier) as
    select distinct on (r.number) r.number, r.vacancies, r.nursing_vacancies, r.notice, r.at, r.demo
    from public.facility_report r
    where exists (select from published.facility f where f.number = r.number)
    order by r.number, r.id desc;

create view published.policy_area with (security_barrier) as
    select p.code, p.kind, p.name, p.level, p.unit_code, p.document, p.facts, p.demo, p.valid, p.geometry
    from public.policy_area p where upper_inf(p.recorded);

create view published.community_area with (security_barrier) as
    select c.code, c.name, c.demo, c.valid, c.geometry from public.community_area c where upper_inf(c.recorded);

-- 六个一批（公开）.
create view published.programme_item with (security_barrier) as
    select p.number, p.code, p.kind, p.title, p.theme, p.status, p.unit_code, p.name_numbers, p.says, p.responsible,
           p.on_date, p.facts, p.sources, p.pictures, p.demo, p.valid, p.geometry, p.geometry_source
    from public.programme_item p where upper_inf(p.recorded);

grant select on published.facility, published.facility_report, published.policy_area, published.community_area,
    published.programme_item to yudi_public, yudi_app;
grant select, insert on
    facility, facility_report, facility_inspection, care_figure, community_area, policy_area, walk_network,
    programme_item
    to yudi_app;
grant update (recorded) on facility, community_area, policy_area, programme_item to yudi_app;
grant usage on sequence facility_number, programme_item_number to yudi_app;
