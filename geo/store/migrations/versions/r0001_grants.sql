-- Two roles beside the owner. Roles belong to the server, so another database may have made them already.
do $$
begin
    if not exists (select from pg_roles where rolname = 'yudi_app') then
        create role yudi_app login;
    end if;
    if not exists (select from pg_roles where rolname = 'yudi_public') then
        create role yudi_public login;
    end if;
exception when duplicate_object or unique_violation then
    null;  -- a migration of another database made them in this very moment
end
$$;

-- For SET ROLE, where a true login is not to be had. A superuser needs no membership.
do $$
begin
    if not (select rolsuper from pg_roles where rolname = current_user) then
        execute format('grant yudi_app, yudi_public to %I', current_user);
    end if;
end
$$;

revoke create on schema public from public;
grant usage on schema public, published to yudi_app, yudi_public;
grant select on all tables in schema published to yudi_public, yudi_app;

-- The application reads everything but writes only what may be written.
grant select, insert on
    admin_unit, boundary_line, boundary_marker, tripoint, public_shape, unit_succession,
    demarcation, demarcation_step, district_state, audit_event,
    submission, submission_file, submission_feature, finding, stored_file,
    organisation, app_user, role_grant, login_session, field_mapping, rate_bucket
    to yudi_app;
grant update (recorded) on admin_unit, boundary_line, boundary_marker, tripoint, public_shape to yudi_app;
grant update (state, version, in_dispute, inspection_due, name) on demarcation to yudi_app;
grant update on
    district_state, submission, organisation, app_user, login_session, field_mapping, rate_bucket
    to yudi_app;
grant delete on submission_feature, finding, role_grant, login_session, field_mapping, rate_bucket to yudi_app;

-- The queue is the application's own.
grant select, insert, update, delete on
    procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers
    to yudi_app;
grant usage on sequence
    procrastinate_jobs_id_seq, procrastinate_events_id_seq, procrastinate_periodic_defers_id_seq
    to yudi_app;

-- Readiness asks which revision the database is at.
grant select on alembic_version to yudi_app;
