-- What the search reads (地名检索): one row for every form of a public name, written by geo/store/search_forms.py
-- from published.place_name. A table, not a view: the public's role reads it itself, and a security barrier
-- would keep conditions away from the indexes. Only what published.place_name shows may stand here.

create table published.name_form (
    id bigint generated always as identity primary key,
    version_id bigint not null,       -- place_name.id: a version never changes, and so neither does its row
    number bigint not null,
    place_id bigint not null,
    kind text not null check (kind in ('name', 'alias', 'short', 'map_name')),
    name text not null,               -- as it is shown
    form text not null,               -- as it is compared (geo/names/forms.py), and its other sides
    bare text not null,
    plain text not null,
    bare_plain text not null,
    initials text not null,
    spelled text not null,
    romanization text not null,
    status text not null,
    category text not null,
    unit_code text not null,
    names_unit text,
    importance smallint not null,
    rank integer not null,            -- category, standing, importance; the least comes first
    latest boolean not null,          -- the last version of this number with this form
    valid daterange not null,
    demo boolean not null,
    point geometry(Point, 4490),
    keys integer[] not null
);
-- Every kind of search. No pending list: a search never pays for a writer.
create index name_form_keys_gin on published.name_form using gin (keys) with (fastupdate = off);
create index name_form_rank_ix on published.name_form (rank, id);
create index name_form_number_ix on published.name_form (number);
create index name_form_place_ix on published.name_form (place_id);
create index name_form_point_gist on published.name_form using gist (point);
-- Units by name, for questions such as 统景江口.
create index name_form_unit_form_ix on published.name_form (form) where names_unit is not null;
create index name_form_unit_bare_ix on published.name_form (bare) where names_unit is not null;
create index name_form_specific_ix on published.name_form (bare, unit_code text_pattern_ops);

-- Keys that very many names have, and the best of these names by (rank, form_id): complete up to the bound,
-- so that the first pages of an answer need no sorting of tens of thousands.
create table published.common_key (
    key integer primary key,
    hits integer not null,
    last_rank integer not null,
    last_form bigint not null
);
create table published.common_name (
    key integer not null,
    rank integer not null,
    form_id bigint not null,
    primary key (key, rank, form_id)
);
create index common_name_form_ix on published.common_name (form_id);

grant select on published.name_form, published.common_key, published.common_name to yudi_public, yudi_app;
grant insert, delete on published.name_form, published.common_key, published.common_name to yudi_app;
grant update on published.name_form, published.common_key to yudi_app;
