-- Approvals (地名审批): applications with their steps, clocks, materials, opinions and documents; filing, announcements,
-- public comment and error reports; and what accounts need for single sign-on.

alter table app_user
    add column must_change boolean default 'false' not null,
    add column password_changed timestamp with time zone,
    add column oidc_issuer text,
    add column oidc_subject text,
    add column version integer default '1' not null,
    add constraint app_user_oidc_whole_check check ((oidc_issuer is null) = (oidc_subject is null)),
    add constraint app_user_oidc_issuer_oidc_subject_key unique (oidc_issuer, oidc_subject);
alter table login_session add column label text;

CREATE TABLE number_series (
    district VARCHAR(6) NOT NULL,
    kind VARCHAR(30) NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    CONSTRAINT number_series_pkey PRIMARY KEY (district, kind, year)
);

CREATE TABLE oidc_pending (
    state_hash BYTEA NOT NULL,
    nonce TEXT NOT NULL,
    verifier TEXT NOT NULL,
    back TEXT,
    created TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT oidc_pending_pkey PRIMARY KEY (state_hash)
);

CREATE TABLE idempotency_key (
    organisation_id BIGINT NOT NULL,
    key VARCHAR(100) NOT NULL,
    request_sha256 VARCHAR(64) NOT NULL,
    status INTEGER NOT NULL,
    answer JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (organisation_id, key),
    CONSTRAINT idempotency_key_organisation_id_fkey FOREIGN KEY(organisation_id) REFERENCES organisation (id)
);

CREATE TABLE announcement (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    district VARCHAR(6) NOT NULL,
    year INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    number TEXT NOT NULL,
    kind VARCHAR(12) DEFAULT 'announcement' NOT NULL,
    of_id BIGINT,
    title TEXT NOT NULL,
    says TEXT NOT NULL,
    items JSONB DEFAULT '[]' NOT NULL,
    issuer TEXT NOT NULL,
    dated DATE NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    head_id BIGINT,
    head_hash BYTEA,
    reason TEXT NOT NULL,
    made_by BIGINT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT announcement_pkey PRIMARY KEY (id),
    CONSTRAINT announcement_kind_known_check CHECK (kind in ('announcement', 'correction', 'withdrawal')),
    CONSTRAINT announcement_correction_names_it_check CHECK ((kind = 'announcement') = (of_id is null)),
    CONSTRAINT announcement_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT announcement_district_year_serial_key UNIQUE (district, year, serial),
    CONSTRAINT announcement_number_key UNIQUE (number),
    CONSTRAINT announcement_of_id_fkey FOREIGN KEY(of_id) REFERENCES announcement (id),
    CONSTRAINT announcement_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE INDEX announcement_of_ix ON announcement (of_id);
CREATE INDEX announcement_published_ix ON announcement (district, published_at, id);

CREATE TABLE error_report (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    number TEXT NOT NULL,
    district VARCHAR(6) NOT NULL,
    subject_kind VARCHAR(12) NOT NULL,
    subject TEXT,
    says TEXT NOT NULL,
    phone TEXT,
    geometry geometry(POINT,4490),
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    state VARCHAR(10) DEFAULT 'received' NOT NULL,
    answer TEXT,
    handled_by BIGINT,
    version INTEGER DEFAULT '1' NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT error_report_pkey PRIMARY KEY (id),
    CONSTRAINT error_report_state_known_check CHECK (state in ('received', 'working', 'mended', 'no_error', 'hidden')),
    CONSTRAINT error_report_subject_kind_known_check CHECK (subject_kind in ('place_name', 'facility', 'map')),
    CONSTRAINT error_report_says_something_check CHECK (length(btrim(says)) between 1 and 2000),
    CONSTRAINT error_report_number_key UNIQUE (number),
    CONSTRAINT error_report_handled_by_fkey FOREIGN KEY(handled_by) REFERENCES app_user (id)
);
CREATE INDEX error_report_waiting_ix ON error_report (district, id) WHERE state in ('received', 'working');

CREATE TABLE name_plan (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    ref UUID NOT NULL,
    district VARCHAR(6) NOT NULL,
    title TEXT NOT NULL,
    applicant_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT name_plan_pkey PRIMARY KEY (id),
    CONSTRAINT name_plan_title_given_check CHECK (length(btrim(title)) > 0),
    CONSTRAINT name_plan_ref_key UNIQUE (ref),
    CONSTRAINT name_plan_applicant_id_fkey FOREIGN KEY(applicant_id) REFERENCES app_user (id),
    CONSTRAINT name_plan_organisation_id_fkey FOREIGN KEY(organisation_id) REFERENCES organisation (id)
);
CREATE INDEX name_plan_applicant_id_ix ON name_plan (applicant_id);

CREATE TABLE place_name_application (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    ref UUID NOT NULL,
    number TEXT,
    district VARCHAR(6) NOT NULL,
    plan_id BIGINT,
    action VARCHAR(10) NOT NULL,
    category TEXT NOT NULL,
    state VARCHAR(16) DEFAULT 'draft' NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    romanization TEXT,
    unit_code VARCHAR(12),
    geometry geometry(GEOMETRY,4490),
    subject_number BIGINT,
    result_number BIGINT,
    form JSONB DEFAULT '{}' NOT NULL,
    applicant_kind VARCHAR(20),
    applicant_id BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    contact_name TEXT,
    contact_phone TEXT,
    route VARCHAR(10),
    body TEXT,
    officer_id BIGINT,
    findings JSONB,
    checked_at TIMESTAMP WITH TIME ZONE,
    created TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    saved TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    submitted_at TIMESTAMP WITH TIME ZONE,
    decided_at TIMESTAMP WITH TIME ZONE,
    due DATE,
    decision_number TEXT,
    external JSONB,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT place_name_application_pkey PRIMARY KEY (id),
    CONSTRAINT place_name_application_state_known_check CHECK (state in ('draft', 'submitted', 'supplement', 'not_accepted', 'accepted', 'review', 'reviewed', 'approved', 'refused', 'consulted', 'closed', 'withdrawn', 'lapsed', 'reconsideration')),
    CONSTRAINT place_name_application_action_known_check CHECK (action in ('naming', 'renaming', 'abolition')),
    CONSTRAINT place_name_application_category_known_check CHECK (category in ('自然地理实体', '县级以上行政区划', '街道', '乡镇', '村委会、居委会所在地', '自然村', '公园、自然保护地', '开发区、园区', '街路巷', '住宅区、楼宇', '设施', '其他')),
    CONSTRAINT place_name_application_submitted_has_number_check CHECK (state = 'draft' or (number is not null and submitted_at is not null)),
    CONSTRAINT place_name_application_number_form_check CHECK (number ~ '^[0-9]{6}-[0-9]{4}-[0-9]{5,}$'),
    CONSTRAINT place_name_application_change_has_subject_check CHECK (state = 'draft' or action = 'naming' or subject_number is not null),
    CONSTRAINT place_name_application_name_given_check CHECK (state = 'draft' or action = 'abolition' or length(name) > 0),
    CONSTRAINT place_name_application_name_is_one_check CHECK (length(name) <= 100 and name !~ '[[:cntrl:]]'),
    CONSTRAINT place_name_application_route_known_check CHECK (route in ('decide', 'consult', 'file')),
    CONSTRAINT place_name_application_approved_is_entered_check CHECK (state not in ('approved', 'closed') or action = 'abolition' or route <> 'decide' or result_number is not null),
    CONSTRAINT place_name_application_geometry_in_degrees_check CHECK (geometry is null or (ST_XMin(geometry) >= -180 and ST_XMax(geometry) <= 180 and ST_YMin(geometry) >= -90 and ST_YMax(geometry) <= 90)),
    CONSTRAINT place_name_application_ref_key UNIQUE (ref),
    CONSTRAINT place_name_application_number_key UNIQUE (number),
    CONSTRAINT place_name_application_plan_id_fkey FOREIGN KEY(plan_id) REFERENCES name_plan (id),
    CONSTRAINT place_name_application_applicant_id_fkey FOREIGN KEY(applicant_id) REFERENCES app_user (id),
    CONSTRAINT place_name_application_organisation_id_fkey FOREIGN KEY(organisation_id) REFERENCES organisation (id),
    CONSTRAINT place_name_application_officer_id_fkey FOREIGN KEY(officer_id) REFERENCES app_user (id)
);
CREATE INDEX place_name_application_applicant_ix ON place_name_application (applicant_id, id);
CREATE INDEX place_name_application_geometry_gist ON place_name_application USING gist (geometry);
CREATE INDEX place_name_application_name_ix ON place_name_application (name);
CREATE INDEX place_name_application_officer_id_ix ON place_name_application (officer_id);
CREATE INDEX place_name_application_plan_ix ON place_name_application (plan_id);
CREATE INDEX place_name_application_queue_ix ON place_name_application (district, due, id) WHERE state in ('submitted', 'supplement', 'accepted', 'review', 'reviewed', 'consulted', 'approved', 'reconsideration');
CREATE INDEX place_name_application_result_ix ON place_name_application (result_number);
CREATE INDEX place_name_application_state_ix ON place_name_application (district, state, id);
CREATE INDEX place_name_application_subject_ix ON place_name_application (subject_number);

CREATE TABLE announcement_case (
    announcement_id BIGINT NOT NULL,
    application_id BIGINT NOT NULL,
    name_number BIGINT,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT announcement_case_pkey PRIMARY KEY (announcement_id, application_id),
    CONSTRAINT announcement_case_announcement_id_fkey FOREIGN KEY(announcement_id) REFERENCES announcement (id),
    CONSTRAINT announcement_case_application_id_fkey FOREIGN KEY(application_id) REFERENCES place_name_application (id)
);
CREATE INDEX announcement_case_application_ix ON announcement_case (application_id);
CREATE INDEX announcement_case_number_ix ON announcement_case (name_number);

CREATE TABLE application_clock (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    application_id BIGINT NOT NULL,
    limit_id VARCHAR(20) NOT NULL,
    round INTEGER DEFAULT '1' NOT NULL,
    unit VARCHAR(10) NOT NULL,
    days INTEGER NOT NULL,
    starts DATE NOT NULL,
    pauses JSONB DEFAULT '[]' NOT NULL,
    extended INTEGER DEFAULT '0' NOT NULL,
    extension_reason TEXT,
    due DATE,
    stopped DATE,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT application_clock_pkey PRIMARY KEY (id),
    CONSTRAINT application_clock_unit_known_check CHECK (unit in ('calendar', 'working')),
    CONSTRAINT application_clock_days_positive_check CHECK (days > 0 and extended >= 0),
    CONSTRAINT application_clock_extension_has_reason_check CHECK (extended = 0 or length(extension_reason) > 0),
    CONSTRAINT application_clock_application_id_limit_id_round_key UNIQUE (application_id, limit_id, round),
    CONSTRAINT application_clock_application_id_fkey FOREIGN KEY(application_id) REFERENCES place_name_application (id)
);
CREATE INDEX application_clock_due_ix ON application_clock (due) WHERE stopped is null;

CREATE TABLE application_material (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    application_id BIGINT NOT NULL,
    kind VARCHAR(40) NOT NULL,
    filename TEXT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    media_type TEXT NOT NULL,
    inline BOOLEAN NOT NULL,
    pages INTEGER,
    added_by BIGINT NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT application_material_pkey PRIMARY KEY (id),
    CONSTRAINT application_material_application_id_fkey FOREIGN KEY(application_id) REFERENCES place_name_application (id),
    CONSTRAINT application_material_sha256_fkey FOREIGN KEY(sha256) REFERENCES stored_file (sha256),
    CONSTRAINT application_material_added_by_fkey FOREIGN KEY(added_by) REFERENCES app_user (id)
);
CREATE INDEX application_material_application_ix ON application_material (application_id);
CREATE INDEX application_material_sha256_ix ON application_material (sha256);

CREATE TABLE application_opinion (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    application_id BIGINT NOT NULL,
    kind VARCHAR(20) NOT NULL,
    giver TEXT,
    stance VARCHAR(20) DEFAULT 'none' NOT NULL,
    says TEXT NOT NULL,
    rule TEXT,
    contents JSONB DEFAULT '{}' NOT NULL,
    sha256 VARCHAR(64),
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    made_by BIGINT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT application_opinion_pkey PRIMARY KEY (id),
    CONSTRAINT application_opinion_kind_known_check CHECK (kind in ('opinion', 'expert', 'assessment', 'comment_report', 'review', 'overrule')),
    CONSTRAINT application_opinion_stance_known_check CHECK (stance in ('agree', 'agree_with_changes', 'disagree', 'none')),
    CONSTRAINT application_opinion_says_something_check CHECK (length(btrim(says)) > 0),
    CONSTRAINT application_opinion_overrule_has_rule_check CHECK ((kind = 'overrule') = (rule is not null)),
    CONSTRAINT application_opinion_application_id_fkey FOREIGN KEY(application_id) REFERENCES place_name_application (id),
    CONSTRAINT application_opinion_sha256_fkey FOREIGN KEY(sha256) REFERENCES stored_file (sha256),
    CONSTRAINT application_opinion_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE INDEX application_opinion_application_ix ON application_opinion (application_id, id);

CREATE TABLE application_step (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    application_id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    transition VARCHAR(40) NOT NULL,
    from_state VARCHAR(16),
    to_state VARCHAR(16) NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    actor_id BIGINT,
    role VARCHAR(30),
    reason TEXT NOT NULL,
    details JSONB DEFAULT '{}' NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT application_step_pkey PRIMARY KEY (id),
    CONSTRAINT application_step_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT application_step_application_id_version_key UNIQUE (application_id, version),
    CONSTRAINT application_step_application_id_fkey FOREIGN KEY(application_id) REFERENCES place_name_application (id),
    CONSTRAINT application_step_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES app_user (id)
);
CREATE INDEX application_step_actor_ix ON application_step (actor_id, id);
CREATE INDEX application_step_at_ix ON application_step (at);

CREATE TABLE case_document (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    district VARCHAR(6) NOT NULL,
    kind VARCHAR(30) NOT NULL,
    year INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    number TEXT NOT NULL,
    application_id BIGINT,
    plan_id BIGINT,
    announcement_id BIGINT,
    facts JSONB NOT NULL,
    dated DATE NOT NULL,
    made_by BIGINT,
    created TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    pdf_sha256 VARCHAR(64),
    docx_sha256 VARCHAR(64),
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT case_document_pkey PRIMARY KEY (id),
    CONSTRAINT case_document_district_kind_year_serial_key UNIQUE (district, kind, year, serial),
    CONSTRAINT case_document_serial_positive_check CHECK (serial > 0),
    CONSTRAINT case_document_belongs_somewhere_check CHECK (num_nonnulls(application_id, plan_id, announcement_id) >= 1),
    CONSTRAINT case_document_application_id_fkey FOREIGN KEY(application_id) REFERENCES place_name_application (id),
    CONSTRAINT case_document_plan_id_fkey FOREIGN KEY(plan_id) REFERENCES name_plan (id),
    CONSTRAINT case_document_announcement_id_fkey FOREIGN KEY(announcement_id) REFERENCES announcement (id),
    CONSTRAINT case_document_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id),
    CONSTRAINT case_document_pdf_sha256_fkey FOREIGN KEY(pdf_sha256) REFERENCES stored_file (sha256),
    CONSTRAINT case_document_docx_sha256_fkey FOREIGN KEY(docx_sha256) REFERENCES stored_file (sha256)
);
CREATE INDEX case_document_announcement_ix ON case_document (announcement_id);
CREATE INDEX case_document_application_ix ON case_document (application_id);
CREATE INDEX case_document_plan_ix ON case_document (plan_id);
CREATE INDEX case_document_waiting_ix ON case_document (id) WHERE pdf_sha256 is null;

CREATE TABLE comment_period (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    application_id BIGINT NOT NULL,
    opens DATE NOT NULL,
    closes DATE NOT NULL,
    says TEXT NOT NULL,
    answer TEXT,
    version INTEGER DEFAULT '1' NOT NULL,
    opened_by BIGINT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT comment_period_pkey PRIMARY KEY (id),
    CONSTRAINT comment_period_closes_after_opening_check CHECK (closes >= opens),
    CONSTRAINT comment_period_application_id_key UNIQUE (application_id),
    CONSTRAINT comment_period_application_id_fkey FOREIGN KEY(application_id) REFERENCES place_name_application (id),
    CONSTRAINT comment_period_opened_by_fkey FOREIGN KEY(opened_by) REFERENCES app_user (id)
);

CREATE TABLE filing (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    application_id BIGINT NOT NULL,
    to_body TEXT NOT NULL,
    sent_on DATE NOT NULL,
    state VARCHAR(10) DEFAULT 'sent' NOT NULL,
    filed_on DATE,
    reference TEXT,
    reason TEXT NOT NULL,
    made_by BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT filing_pkey PRIMARY KEY (id),
    CONSTRAINT filing_state_known_check CHECK (state in ('sent', 'returned', 'filed')),
    CONSTRAINT filing_filed_has_date_check CHECK ((state = 'filed') = (filed_on is not null)),
    CONSTRAINT filing_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT filing_application_id_fkey FOREIGN KEY(application_id) REFERENCES place_name_application (id),
    CONSTRAINT filing_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE INDEX filing_application_ix ON filing (application_id, id);
CREATE UNIQUE INDEX filing_one_open_key ON filing (application_id) WHERE state in ('sent', 'filed');

CREATE TABLE webhook_delivery (
    id UUID NOT NULL,
    target TEXT NOT NULL,
    event VARCHAR(60) NOT NULL,
    application_id BIGINT,
    body TEXT NOT NULL,
    state VARCHAR(10) DEFAULT 'waiting' NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    last_status INTEGER,
    last_error TEXT,
    created TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    delivered TIMESTAMP WITH TIME ZONE,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT webhook_delivery_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_delivery_state_known_check CHECK (state in ('waiting', 'delivered', 'given_up')),
    CONSTRAINT webhook_delivery_application_id_fkey FOREIGN KEY(application_id) REFERENCES place_name_application (id)
);
CREATE INDEX webhook_delivery_application_ix ON webhook_delivery (application_id);
CREATE INDEX webhook_delivery_waiting_ix ON webhook_delivery (id) WHERE state = 'waiting';

CREATE TABLE public_comment (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    number TEXT NOT NULL,
    period_id BIGINT NOT NULL,
    stance VARCHAR(10) NOT NULL,
    says TEXT NOT NULL,
    giver TEXT,
    phone TEXT,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    state VARCHAR(10) DEFAULT 'received' NOT NULL,
    hidden_because TEXT,
    answer TEXT,
    moderated_by BIGINT,
    version INTEGER DEFAULT '1' NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT public_comment_pkey PRIMARY KEY (id),
    CONSTRAINT public_comment_state_known_check CHECK (state in ('received', 'shown', 'hidden')),
    CONSTRAINT public_comment_stance_known_check CHECK (stance in ('support', 'oppose', 'other')),
    CONSTRAINT public_comment_says_something_check CHECK (length(btrim(says)) between 1 and 2000),
    CONSTRAINT public_comment_hidden_has_reason_check CHECK (state <> 'hidden' or length(hidden_because) > 0),
    CONSTRAINT public_comment_number_key UNIQUE (number),
    CONSTRAINT public_comment_period_id_fkey FOREIGN KEY(period_id) REFERENCES comment_period (id),
    CONSTRAINT public_comment_moderated_by_fkey FOREIGN KEY(moderated_by) REFERENCES app_user (id)
);
CREATE INDEX public_comment_period_ix ON public_comment (period_id, id);
CREATE INDEX public_comment_waiting_ix ON public_comment (id) WHERE state = 'received';

-- Steps, opinions and announcements are never changed. Demonstration data may be taken away by their owner who says so.
create or replace function yudi_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE'
       and tg_table_name in ('demarcation_step', 'name_succession', 'protection_step', 'application_step',
                             'application_opinion', 'announcement', 'announcement_case')
       and (to_jsonb(old) ->> 'demo')::boolean
       and coalesce(current_setting('yudi.removing_demo', true), '') = 'on'
       and pg_has_role(current_user, (select relowner from pg_class where oid = tg_relid), 'usage') then
        return old;
    end if;
    raise exception '% is append-only: % refused', tg_table_name, lower(tg_op)
        using errcode = 'restrict_violation';
end
$$;

create trigger append_only before update or delete on application_step
    for each row execute function yudi_append_only();
create trigger append_only before update or delete on application_opinion
    for each row execute function yudi_append_only();
create trigger append_only before update or delete on announcement
    for each row execute function yudi_append_only();
create trigger append_only before update or delete on announcement_case
    for each row execute function yudi_append_only();
create trigger no_truncate before truncate on application_step execute function yudi_append_only();
create trigger no_truncate before truncate on application_opinion execute function yudi_append_only();
create trigger no_truncate before truncate on announcement execute function yudi_append_only();
create trigger no_truncate before truncate on announcement_case execute function yudi_append_only();

-- A step continues where its case is, and is taken once: the unique key on (application_id, version) decides a race.
create function yudi_application_step_continues() returns trigger language plpgsql as $$
declare
    last record;
begin
    select version, to_state into last
        from application_step where application_id = new.application_id order by version desc limit 1;
    if new.version <> coalesce(last.version, 0) + 1 then
        raise exception 'step % of application % does not follow step %', new.version, new.application_id,
            coalesce(last.version, 0) using errcode = 'integrity_constraint_violation';
    end if;
    if new.from_state is distinct from last.to_state then
        raise exception 'step % of application % starts from %, the case is in %', new.version, new.application_id,
            new.from_state, last.to_state using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;
create trigger step_continues before insert on application_step
    for each row execute function yudi_application_step_continues();

-- State and version of a case move only together with a step: checked at the end of the transaction.
create function yudi_application_has_step() returns trigger language plpgsql as $$
declare
    held record;
    last record;
begin
    select id, state, version into held from place_name_application where id = new.id;
    if held is null then
        return null;
    end if;
    select version, to_state into last
        from application_step where application_id = held.id order by version desc limit 1;
    if last.version is distinct from held.version or last.to_state is distinct from held.state then
        raise exception 'application % stands at % (version %) without the step that took it there', held.id,
            held.state, held.version using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;
create constraint trigger state_has_step after insert or update of state, version on place_name_application
    deferrable initially deferred for each row execute function yudi_application_has_step();

-- What was applied for does not change under the officers' eyes: content moves only in draft and supplement.
create function yudi_application_content() returns trigger language plpgsql as $$
begin
    if old.state not in ('draft', 'supplement')
       and (new.action, new.category, new.name, new.unit_code, new.subject_number, new.applicant_id, new.form,
            new.geometry::text, new.number)
           is distinct from
           (old.action, old.category, old.name, old.unit_code, old.subject_number, old.applicant_id, old.form,
            old.geometry::text, old.number) then
        raise exception 'application % is %: what was applied for is not changed', old.id, old.state
            using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;
create trigger keep_content before update on place_name_application
    for each row execute function yudi_application_content();

-- A document's facts stay, its files are set once.
create function yudi_document_once() returns trigger language plpgsql as $$
declare
    expected record;
begin
    expected := new;
    expected.pdf_sha256 := old.pdf_sha256;
    expected.docx_sha256 := old.docx_sha256;
    if expected *<> old or (old.pdf_sha256 is not null and new.pdf_sha256 is distinct from old.pdf_sha256)
       or (old.docx_sha256 is not null and new.docx_sha256 is distinct from old.docx_sha256) then
        raise exception 'document % is not changed once made', old.number using errcode = 'restrict_violation';
    end if;
    return new;
end
$$;
create trigger made_once before update on case_document for each row execute function yudi_document_once();

-- 公告（公开）. All of them, corrected and withdrawn ones too.
create view published.announcement with (security_barrier) as
    select a.id, a.district, a.year, a.serial, a.number, a.kind, a.of_id, a.title, a.says, a.items, a.issuer,
           a.dated, a.published_at, a.head_id, encode(a.head_hash, 'hex') as head_hash, a.demo
    from public.announcement a;

create view published.announcement_name with (security_barrier) as
    select c.announcement_id, c.name_number from public.announcement_case c where c.name_number is not null;

-- 公示（公开）: cases put before the public, without persons.
create view published.comment_case with (security_barrier) as
    select p.id, a.number, a.district, a.action, a.category, a.name, a.romanization, a.unit_code, a.geometry,
           a.subject_number, a.form -> 'reasons' as reasons, a.form -> 'meaning' as meaning,
           a.form -> 'position' as position, a.form -> 'extent' as extent, p.opens, p.closes, p.says, p.answer,
           (select count(*) from public.public_comment c where c.period_id = p.id) as received, a.demo
    from public.comment_period p
    join public.place_name_application a on a.id = p.application_id
    where p.opens <= (now() at time zone 'Asia/Shanghai')::date;

create view published.public_comment with (security_barrier) as
    select c.id, c.period_id, c.stance, c.says, c.at, c.answer, c.demo
    from public.public_comment c
    where c.state = 'shown';

-- The links of the audit chain, without what they say: whoever keeps one can tell later whether it still holds.
create view published.audit_link with (security_barrier) as
    select id, algorithm, encode(previous, 'hex') as previous, encode(hash, 'hex') as hash from public.audit_event;

grant select on published.announcement, published.announcement_name, published.comment_case,
    published.public_comment, published.audit_link to yudi_public, yudi_app;

grant select, insert on
    name_plan, place_name_application, application_step, application_clock, application_material,
    application_opinion, case_document, filing, announcement, announcement_case, comment_period, public_comment,
    number_series, error_report, idempotency_key, webhook_delivery, oidc_pending
    to yudi_app;
grant update (title, version) on name_plan to yudi_app;
grant update on place_name_application, number_series to yudi_app;
grant update (pauses, extended, extension_reason, due, stopped) on application_clock to yudi_app;
grant update (removed_at) on application_material to yudi_app;
grant update (pdf_sha256, docx_sha256) on case_document to yudi_app;
grant update (state, filed_on, reference) on filing to yudi_app;
grant update (closes, answer, version) on comment_period to yudi_app;
grant update (state, hidden_because, answer, moderated_by, version) on public_comment to yudi_app;
grant update (state, answer, handled_by, version) on error_report to yudi_app;
grant update (state, attempts, last_status, last_error, delivered) on webhook_delivery to yudi_app;
grant delete on oidc_pending, idempotency_key to yudi_app;
