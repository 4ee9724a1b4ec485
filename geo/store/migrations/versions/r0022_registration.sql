alter table app_user add column phone text;

-- The table is small; the old rows satisfy the wider list.
alter table organisation drop constraint organisation_kind_known_check;
alter table organisation add constraint organisation_kind_known_check
    check (kind in ('firm', 'township', 'department', 'operator', 'other', 'committee', 'builder', 'citizen'));

create table organisation_claim (
    id bigint generated always as identity not null,
    district varchar(6) not null,
    user_id bigint not null,
    kind varchar(20) not null,
    organisation text not null,
    unit_code varchar(12),
    says text default '' not null,
    state varchar(10) default 'waiting' not null,
    answer text,
    decided_by bigint,
    decided_at timestamp with time zone,
    created timestamp with time zone default now() not null,
    constraint organisation_claim_pkey primary key (id),
    constraint organisation_claim_kind_known_check
        check (kind in ('township', 'committee', 'builder', 'department', 'government')),
    constraint organisation_claim_state_known_check check (state in ('waiting', 'confirmed', 'refused')),
    constraint organisation_claim_decided_has_reason_check check (
        (state = 'waiting') = (decided_by is null) and (state = 'waiting' or length(answer) > 0)
    ),
    constraint organisation_claim_organisation_given_check check (length(btrim(organisation)) > 0),
    constraint organisation_claim_user_id_fkey foreign key (user_id) references app_user (id),
    constraint organisation_claim_decided_by_fkey foreign key (decided_by) references app_user (id)
);
create index organisation_claim_user_id_ix on organisation_claim (user_id);
create unique index organisation_claim_one_open_key on organisation_claim (user_id) where state = 'waiting';
-- The administrators' list: those that wait in a district.
create index organisation_claim_district_ix on organisation_claim (district, state, id);

grant select, insert on organisation_claim to yudi_app;
grant update (state, answer, decided_by, decided_at) on organisation_claim to yudi_app;
