-- Tables, constraints and indexes. Stored geometry is EPSG:4490, longitude first.
-- valid: when a record is in force (days); recorded: when the database has held it so.

CREATE TABLE demarcation (
    code VARCHAR(30) NOT NULL,
    name TEXT NOT NULL,
    unit_a VARCHAR(12) NOT NULL,
    unit_b VARCHAR(12) NOT NULL,
    level VARCHAR(10) NOT NULL,
    district VARCHAR(6) NOT NULL,
    state VARCHAR(20) DEFAULT 'undemarcated' NOT NULL,
    in_dispute BOOLEAN DEFAULT 'false' NOT NULL,
    inspection_due DATE,
    version INTEGER DEFAULT '1' NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT demarcation_pkey PRIMARY KEY (code),
    CONSTRAINT demarcation_state_known_check CHECK (state in ('undemarcated', 'preparing', 'field_survey', 'alignment_confirmed', 'markers_done', 'results_checked', 'agreement_signed', 'submitted', 'settled', 'changing'))
);
CREATE INDEX demarcation_district_ix ON demarcation (district);
CREATE INDEX demarcation_unit_a_ix ON demarcation (unit_a);
CREATE INDEX demarcation_unit_b_ix ON demarcation (unit_b);

CREATE TABLE district_state (
    district VARCHAR(6) NOT NULL,
    published BIGINT DEFAULT '1' NOT NULL,
    changed TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT district_state_pkey PRIMARY KEY (district)
);

CREATE TABLE organisation (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    name TEXT NOT NULL,
    kind VARCHAR(20) NOT NULL,
    unit_code VARCHAR(12),
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT organisation_pkey PRIMARY KEY (id),
    CONSTRAINT organisation_kind_known_check CHECK (kind in ('firm', 'township', 'department', 'operator', 'other')),
    CONSTRAINT organisation_name_key UNIQUE (name)
);

CREATE UNLOGGED TABLE rate_bucket (
    key BYTEA NOT NULL,
    tokens FLOAT NOT NULL,
    refilled TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT rate_bucket_pkey PRIMARY KEY (key)
);

CREATE TABLE stored_file (
    sha256 VARCHAR(64) NOT NULL,
    size BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    created TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT stored_file_pkey PRIMARY KEY (sha256),
    CONSTRAINT stored_file_sha256_hex_check CHECK (sha256 ~ '^[0-9a-f]{64}$')
);

CREATE TABLE unit_succession (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    from_code VARCHAR(12) NOT NULL,
    to_code VARCHAR(12),
    to_name TEXT,
    kind VARCHAR(20) NOT NULL,
    on_date DATE NOT NULL,
    document TEXT,
    source TEXT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT unit_succession_pkey PRIMARY KEY (id)
);
CREATE INDEX unit_succession_from_code_ix ON unit_succession (from_code);
CREATE INDEX unit_succession_to_code_ix ON unit_succession (to_code);

CREATE TABLE app_user (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    login VARCHAR(64) NOT NULL,
    name TEXT NOT NULL,
    organisation_id BIGINT NOT NULL,
    password_hash TEXT,
    active BOOLEAN DEFAULT 'true' NOT NULL,
    failed_logins INTEGER DEFAULT '0' NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    created TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT app_user_pkey PRIMARY KEY (id),
    CONSTRAINT app_user_login_lower_check CHECK (login = lower(login) and length(login) > 0),
    CONSTRAINT app_user_login_key UNIQUE (login),
    CONSTRAINT app_user_organisation_id_fkey FOREIGN KEY(organisation_id) REFERENCES organisation (id)
);
CREATE INDEX app_user_organisation_id_ix ON app_user (organisation_id);

CREATE TABLE audit_event (
    id BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    actor_id BIGINT,
    actor TEXT NOT NULL,
    act VARCHAR(60) NOT NULL,
    subject_kind VARCHAR(40) NOT NULL,
    subject TEXT NOT NULL,
    reason TEXT NOT NULL,
    before JSONB,
    after JSONB,
    address INET,
    algorithm VARCHAR(10) NOT NULL,
    previous BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT audit_event_pkey PRIMARY KEY (id),
    CONSTRAINT audit_event_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES app_user (id),
    CONSTRAINT audit_event_hash_key UNIQUE (hash)
);
CREATE INDEX audit_event_subject_ix ON audit_event (subject_kind, subject);

CREATE TABLE demarcation_step (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    code VARCHAR(30) NOT NULL,
    version INTEGER NOT NULL,
    transition VARCHAR(40) NOT NULL,
    from_state VARCHAR(20) NOT NULL,
    to_state VARCHAR(20) NOT NULL,
    on_date DATE NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    actor_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    evidence JSONB DEFAULT '[]' NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT demarcation_step_pkey PRIMARY KEY (id),
    CONSTRAINT demarcation_step_code_version_key UNIQUE (code, version),
    CONSTRAINT demarcation_step_to_state_known_check CHECK (to_state in ('undemarcated', 'preparing', 'field_survey', 'alignment_confirmed', 'markers_done', 'results_checked', 'agreement_signed', 'submitted', 'settled', 'changing')),
    CONSTRAINT demarcation_step_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT demarcation_step_code_fkey FOREIGN KEY(code) REFERENCES demarcation (code),
    CONSTRAINT demarcation_step_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES app_user (id)
);

CREATE TABLE field_mapping (
    id UUID NOT NULL,
    organisation_id BIGINT NOT NULL,
    signature TEXT NOT NULL,
    role VARCHAR(20) NOT NULL,
    fields JSONB NOT NULL,
    set_by BIGINT NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT field_mapping_pkey PRIMARY KEY (id),
    CONSTRAINT field_mapping_organisation_id_fkey FOREIGN KEY(organisation_id) REFERENCES organisation (id),
    CONSTRAINT field_mapping_set_by_fkey FOREIGN KEY(set_by) REFERENCES app_user (id)
);
CREATE INDEX field_mapping_organisation_id_ix ON field_mapping (organisation_id);

CREATE TABLE login_session (
    token_hash BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    kind VARCHAR(10) NOT NULL,
    csrf VARCHAR(64),
    scopes JSONB,
    created TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    last_seen TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT login_session_pkey PRIMARY KEY (token_hash),
    CONSTRAINT login_session_user_id_fkey FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);
CREATE INDEX login_session_user_id_ix ON login_session (user_id);

CREATE TABLE role_grant (
    user_id BIGINT NOT NULL,
    role VARCHAR(30) NOT NULL,
    district VARCHAR(6) NOT NULL,
    CONSTRAINT role_grant_pkey PRIMARY KEY (user_id, role, district),
    CONSTRAINT role_grant_user_id_fkey FOREIGN KEY(user_id) REFERENCES app_user (id) ON DELETE CASCADE
);

CREATE TABLE submission (
    id UUID NOT NULL,
    number BIGINT GENERATED ALWAYS AS IDENTITY,
    district VARCHAR(6) NOT NULL,
    profile VARCHAR(10) DEFAULT 'township' NOT NULL,
    state VARCHAR(20) DEFAULT 'received' NOT NULL,
    verdict VARCHAR(20),
    submitted_by BIGINT NOT NULL,
    organisation_id BIGINT NOT NULL,
    replaces_id UUID,
    options JSONB DEFAULT '{}' NOT NULL,
    report JSONB,
    progress FLOAT DEFAULT '0' NOT NULL,
    step VARCHAR(40),
    failure JSONB,
    round INTEGER DEFAULT '1' NOT NULL,
    against BIGINT,
    attempts INTEGER DEFAULT '0' NOT NULL,
    version INTEGER DEFAULT '1' NOT NULL,
    created TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    checked TIMESTAMP WITH TIME ZONE,
    decided TIMESTAMP WITH TIME ZONE,
    decided_by BIGINT,
    decision_reason TEXT,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT submission_pkey PRIMARY KEY (id),
    CONSTRAINT submission_state_known_check CHECK (state in ('received', 'inspecting', 'checked', 'returned', 'accepted', 'superseded', 'failed')),
    CONSTRAINT submission_checked_has_verdict_check CHECK (state <> 'checked' or verdict is not null),
    CONSTRAINT submission_verdict_known_check CHECK (verdict is null or verdict in ('accept', 'accept-with-warning', 'reject')),
    CONSTRAINT submission_accepted_without_errors_check CHECK (state <> 'accepted' or verdict <> 'reject'),
    CONSTRAINT submission_progress_share_check CHECK (progress between 0 and 1),
    CONSTRAINT submission_number_key UNIQUE (number),
    CONSTRAINT submission_submitted_by_fkey FOREIGN KEY(submitted_by) REFERENCES app_user (id),
    CONSTRAINT submission_organisation_id_fkey FOREIGN KEY(organisation_id) REFERENCES organisation (id),
    CONSTRAINT submission_replaces_id_fkey FOREIGN KEY(replaces_id) REFERENCES submission (id),
    CONSTRAINT submission_decided_by_fkey FOREIGN KEY(decided_by) REFERENCES app_user (id)
);
CREATE INDEX submission_created_ix ON submission (created);
CREATE INDEX submission_organisation_id_ix ON submission (organisation_id);
CREATE INDEX submission_replaces_id_ix ON submission (replaces_id);
CREATE INDEX submission_submitted_by_ix ON submission (submitted_by);

CREATE TABLE admin_unit (
    code VARCHAR(12) NOT NULL,
    statistical VARCHAR(12),
    name TEXT NOT NULL,
    level VARCHAR(10) NOT NULL,
    kind VARCHAR(20),
    parent_code VARCHAR(12),
    document TEXT,
    source TEXT NOT NULL,
    geometry geometry(MULTIPOLYGON,4490),
    geometry_source VARCHAR(10),
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    valid DATERANGE NOT NULL,
    recorded TSTZRANGE DEFAULT tstzrange(clock_timestamp(), null, '[)') NOT NULL,
    reason TEXT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    submission_id UUID,
    made_by BIGINT NOT NULL,
    CONSTRAINT admin_unit_pkey PRIMARY KEY (id),
    CONSTRAINT admin_unit_one_version_excl EXCLUDE USING gist (code WITH =, valid WITH &&, recorded WITH &&),
    CONSTRAINT admin_unit_valid_not_empty_check CHECK (not isempty(valid)),
    CONSTRAINT admin_unit_recorded_not_empty_check CHECK (not isempty(recorded)),
    CONSTRAINT admin_unit_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT admin_unit_code_digits_check CHECK (code ~ '^[0-9]{2,12}$'),
    CONSTRAINT admin_unit_level_known_check CHECK (level in ('province', 'county', 'township', 'village')),
    CONSTRAINT admin_unit_geometry_source_known_check CHECK (geometry_source is null or geometry_source in ('derived', 'imported', 'demo')),
    CONSTRAINT admin_unit_geometry_has_source_check CHECK ((geometry is null) = (geometry_source is null)),
    CONSTRAINT admin_unit_submission_id_fkey FOREIGN KEY(submission_id) REFERENCES submission (id),
    CONSTRAINT admin_unit_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE INDEX admin_unit_code_ix ON admin_unit (code);
CREATE INDEX admin_unit_geometry_gist ON admin_unit USING gist (geometry);
CREATE INDEX admin_unit_parent_ix ON admin_unit (parent_code);
CREATE INDEX admin_unit_statistical_ix ON admin_unit (statistical);
CREATE INDEX admin_unit_submission_id_ix ON admin_unit (submission_id);

CREATE TABLE boundary_line (
    code VARCHAR(30) NOT NULL,
    name TEXT NOT NULL,
    left_code VARCHAR(12) NOT NULL,
    right_code VARCHAR(12) NOT NULL,
    level VARCHAR(10) NOT NULL,
    document TEXT,
    facts JSONB DEFAULT '{}' NOT NULL,
    geometry geometry(LINESTRING,4490) NOT NULL,
    length_m FLOAT NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    valid DATERANGE NOT NULL,
    recorded TSTZRANGE DEFAULT tstzrange(clock_timestamp(), null, '[)') NOT NULL,
    reason TEXT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    submission_id UUID,
    made_by BIGINT NOT NULL,
    CONSTRAINT boundary_line_pkey PRIMARY KEY (id),
    CONSTRAINT boundary_line_one_version_excl EXCLUDE USING gist (code WITH =, valid WITH &&, recorded WITH &&),
    CONSTRAINT boundary_line_valid_not_empty_check CHECK (not isempty(valid)),
    CONSTRAINT boundary_line_recorded_not_empty_check CHECK (not isempty(recorded)),
    CONSTRAINT boundary_line_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT boundary_line_code_form_check CHECK (code ~ '^[0-9]{6,9}-[0-9]{6,9}(-[0-9]+)?$'),
    CONSTRAINT boundary_line_two_units_check CHECK (left_code <> right_code),
    CONSTRAINT boundary_line_geometry_simple_check CHECK (ST_IsSimple(geometry) and ST_NPoints(geometry) >= 2),
    CONSTRAINT boundary_line_length_positive_check CHECK (length_m > 0),
    CONSTRAINT boundary_line_code_fkey FOREIGN KEY(code) REFERENCES demarcation (code),
    CONSTRAINT boundary_line_submission_id_fkey FOREIGN KEY(submission_id) REFERENCES submission (id),
    CONSTRAINT boundary_line_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE INDEX boundary_line_code_ix ON boundary_line (code);
CREATE INDEX boundary_line_geometry_gist ON boundary_line USING gist (geometry);
CREATE INDEX boundary_line_left_code_ix ON boundary_line (left_code);
CREATE INDEX boundary_line_right_code_ix ON boundary_line (right_code);
CREATE INDEX boundary_line_submission_id_ix ON boundary_line (submission_id);

CREATE TABLE boundary_marker (
    number VARCHAR(40) NOT NULL,
    display_number TEXT,
    line_code VARCHAR(30) NOT NULL,
    kind VARCHAR(1) NOT NULL,
    height FLOAT,
    accuracy_m FLOAT,
    condition VARCHAR(20),
    facts JSONB DEFAULT '{}' NOT NULL,
    geometry geometry(POINT,4490) NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    valid DATERANGE NOT NULL,
    recorded TSTZRANGE DEFAULT tstzrange(clock_timestamp(), null, '[)') NOT NULL,
    reason TEXT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    submission_id UUID,
    made_by BIGINT NOT NULL,
    CONSTRAINT boundary_marker_pkey PRIMARY KEY (id),
    CONSTRAINT boundary_marker_one_version_excl EXCLUDE USING gist (number WITH =, valid WITH &&, recorded WITH &&),
    CONSTRAINT boundary_marker_valid_not_empty_check CHECK (not isempty(valid)),
    CONSTRAINT boundary_marker_recorded_not_empty_check CHECK (not isempty(recorded)),
    CONSTRAINT boundary_marker_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT boundary_marker_kind_known_check CHECK (kind in ('Q', 'A', 'B', 'C', 'D', 'E')),
    CONSTRAINT boundary_marker_line_code_fkey FOREIGN KEY(line_code) REFERENCES demarcation (code),
    CONSTRAINT boundary_marker_submission_id_fkey FOREIGN KEY(submission_id) REFERENCES submission (id),
    CONSTRAINT boundary_marker_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE INDEX boundary_marker_geometry_gist ON boundary_marker USING gist (geometry);
CREATE INDEX boundary_marker_line_code_ix ON boundary_marker (line_code);
CREATE INDEX boundary_marker_number_ix ON boundary_marker (number);
CREATE INDEX boundary_marker_submission_id_ix ON boundary_marker (submission_id);

CREATE TABLE finding (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    submission_id UUID NOT NULL,
    round INTEGER DEFAULT '1' NOT NULL,
    key VARCHAR(16) NOT NULL,
    code VARCHAR(8) NOT NULL,
    severity VARCHAR(10) NOT NULL,
    detail JSONB NOT NULL,
    geometry geometry(GEOMETRY,4490),
    CONSTRAINT finding_pkey PRIMARY KEY (id),
    CONSTRAINT finding_severity_known_check CHECK (severity in ('error', 'warning', 'info')),
    CONSTRAINT finding_submission_id_fkey FOREIGN KEY(submission_id) REFERENCES submission (id)
);
CREATE INDEX finding_geometry_gist ON finding USING gist (geometry);
CREATE INDEX finding_submission_round_ix ON finding (submission_id, round, code);

CREATE TABLE submission_feature (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    submission_id UUID NOT NULL,
    round INTEGER NOT NULL,
    role VARCHAR(10) NOT NULL,
    layer TEXT NOT NULL,
    record INTEGER NOT NULL,
    ident TEXT,
    fields JSONB NOT NULL,
    z FLOAT,
    geometry geometry(GEOMETRY,4490),
    CONSTRAINT submission_feature_pkey PRIMARY KEY (id),
    CONSTRAINT submission_feature_role_known_check CHECK (role in ('lines', 'markers', 'tripoints', 'polygons')),
    CONSTRAINT submission_feature_submission_id_fkey FOREIGN KEY(submission_id) REFERENCES submission (id)
);
CREATE INDEX submission_feature_geometry_gist ON submission_feature USING gist (geometry);
CREATE INDEX submission_feature_submission_round_ix ON submission_feature (submission_id, round, role);

CREATE TABLE submission_file (
    submission_id UUID NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    filename TEXT NOT NULL,
    CONSTRAINT submission_file_pkey PRIMARY KEY (submission_id, sha256),
    CONSTRAINT submission_file_submission_id_fkey FOREIGN KEY(submission_id) REFERENCES submission (id),
    CONSTRAINT submission_file_sha256_fkey FOREIGN KEY(sha256) REFERENCES stored_file (sha256)
);
CREATE INDEX submission_file_sha256_ix ON submission_file (sha256);

CREATE TABLE tripoint (
    number VARCHAR(60) NOT NULL,
    unit1 VARCHAR(12) NOT NULL,
    unit2 VARCHAR(12) NOT NULL,
    unit3 VARCHAR(12) NOT NULL,
    height FLOAT,
    geometry geometry(POINT,4490) NOT NULL,
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    valid DATERANGE NOT NULL,
    recorded TSTZRANGE DEFAULT tstzrange(clock_timestamp(), null, '[)') NOT NULL,
    reason TEXT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    submission_id UUID,
    made_by BIGINT NOT NULL,
    CONSTRAINT tripoint_pkey PRIMARY KEY (id),
    CONSTRAINT tripoint_one_version_excl EXCLUDE USING gist (number WITH =, valid WITH &&, recorded WITH &&),
    CONSTRAINT tripoint_valid_not_empty_check CHECK (not isempty(valid)),
    CONSTRAINT tripoint_recorded_not_empty_check CHECK (not isempty(recorded)),
    CONSTRAINT tripoint_reason_given_check CHECK (length(reason) > 0),
    CONSTRAINT tripoint_units_in_order_check CHECK (unit1 < unit2 and unit2 < unit3),
    CONSTRAINT tripoint_submission_id_fkey FOREIGN KEY(submission_id) REFERENCES submission (id),
    CONSTRAINT tripoint_made_by_fkey FOREIGN KEY(made_by) REFERENCES app_user (id)
);
CREATE INDEX tripoint_geometry_gist ON tripoint USING gist (geometry);
CREATE INDEX tripoint_number_ix ON tripoint (number);
CREATE INDEX tripoint_submission_id_ix ON tripoint (submission_id);

CREATE TABLE public_shape (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    kind VARCHAR(4) NOT NULL,
    code VARCHAR(30) NOT NULL,
    line_id BIGINT,
    valid DATERANGE NOT NULL,
    recorded TSTZRANGE DEFAULT tstzrange(clock_timestamp(), null, '[)') NOT NULL,
    tolerance_m FLOAT NOT NULL,
    demo BOOLEAN DEFAULT 'false' NOT NULL,
    geometry geometry(GEOMETRY,4490) NOT NULL,
    CONSTRAINT public_shape_pkey PRIMARY KEY (id),
    CONSTRAINT public_shape_one_version_excl EXCLUDE USING gist (kind WITH =, code WITH =, valid WITH &&, recorded WITH &&),
    CONSTRAINT public_shape_kind_known_check CHECK (kind in ('line', 'unit')),
    CONSTRAINT public_shape_valid_not_empty_check CHECK (not isempty(valid)),
    CONSTRAINT public_shape_recorded_not_empty_check CHECK (not isempty(recorded)),
    CONSTRAINT public_shape_tolerance_not_negative_check CHECK (tolerance_m >= 0),
    CONSTRAINT public_shape_geometry_fits_kind_check CHECK (GeometryType(geometry) = case kind when 'line' then 'LINESTRING' else 'MULTIPOLYGON' end),
    CONSTRAINT public_shape_line_has_version_check CHECK ((kind = 'line') = (line_id is not null)),
    CONSTRAINT public_shape_line_id_fkey FOREIGN KEY(line_id) REFERENCES boundary_line (id)
);
CREATE INDEX public_shape_geometry_gist ON public_shape USING gist (geometry);
CREATE INDEX public_shape_line_id_ix ON public_shape (line_id);
