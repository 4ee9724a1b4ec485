-- Statements of the search, by name. {match} is one of search_statements.CONDITIONS, {filters} those that
-- are asked for; everything else is bound. `score` orders within a step: the rank, or with a point given
-- 100,000,000 for every class of units above villages, and metres.

-- name: prepare
-- Which of these keys are common (primary key of common_key), and which of these names are units' (
-- name_form_unit_form_ix, name_form_unit_bare_ix). A search waits no longer than this.
select set_config('statement_timeout', :timeout, true), k.key, c.hits, c.last_rank, c.last_form,
    case when k.place = 1 then (
        select jsonb_agg(jsonb_build_object('code', names_unit, 'form', form, 'bare', bare)) from (
            select names_unit, form, bare from published.name_form
            where names_unit is not null and (form = any(:names) or bare = any(:names))
            order by rank + 0 limit 20) u
    ) end as units
from unnest(cast(:keys as integer[])) with ordinality as k(key, place)
left join published.common_key c on c.key = k.key
order by k.place

-- name: listed
-- The best names of a common key (primary key of common_name), each looked at by its id.
select {columns}, f.rank::float8 as score
from (
    select form_id from published.common_name
    where key = :driver and (rank, form_id) > (:after_rank, :after_id)
    order by rank, form_id
) l
join lateral (select * from published.name_form where id = l.form_id offset 0) f on true
where {match} and {filters}
order by f.rank, f.id limit :limit

-- name: gathered
-- All names with these keys (name_form_keys_gin), at most :most of them, then sorted. The fence keeps the
-- planner from walking name_form_rank_ix in the hope of meeting them soon.
with gathered as materialized (
    select f.* from published.name_form f where f.keys @> cast(:keys as integer[]) and {match} and {filters} limit :most
)
select {columns}, {score} as score from gathered f
where ({score}, f.id) > (:after, :after_id)
order by score, f.id limit :limit

-- name: any_of
-- Names with any of these keys (name_form_keys_gin): for one slip.
with gathered as materialized (
    select f.* from published.name_form f where f.keys && cast(:keys as integer[]) and {match} and {filters} limit :most
)
select {columns}, f.rank::float8 as score from gathered f order by f.rank, f.id limit :limit

-- name: walked
-- Names in the order of their rank (name_form_rank_ix), for what so many names have that the next is never far:
-- a stretch of :most names, no more.
select {columns}, f.rank::float8 as score
from (
    select * from published.name_form
    where (rank, id) > (:after_rank, :after_id) and rank <= :last_rank
    order by rank, id limit :most
) f
where f.keys @> cast(:keys as integer[]) and {match} and {filters}
order by f.rank, f.id limit :limit

-- name: nearest
-- Names in the order of their distance (name_form_point_gist), for what so many names have that the next is
-- never far.
select {columns}, {score} as score
from (
    select * from published.name_form where point is not null
    order by point <-> ST_SetSRID(ST_MakePoint(:lon, :lat), 4490) limit :most
) f
where f.keys @> cast(:keys as integer[]) and {match} and {filters} and ({score}, f.id) > (:after, :after_id)
order by score, f.id limit :limit

-- name: around
-- What stands beside the hits: the standard names of their places (name_form_place_ix), the names of their units.
select place_id, number, name, null as code, null as statistical from published.name_form
where place_id = any(:places) and status = 'standard' and kind = 'name' and latest
union all
select null, null, name, code, statistical from published.admin_unit
where (code = any(:codes) or statistical = any(:codes)) and valid @> cast(:at as date)

-- name: units
-- Units that came to a unit and kept another code, and units of its code that lie elsewhere, on a date; without a
-- date those that ever came. Served by admin_unit_parent_ix and admin_unit_code_ix: what the codes say is asked
-- first, and hardly any row is left for the rest.
with day as (
    select case
        when cast(:at as date) is null then null
        when exists (select from published.admin_unit where code = :unit and valid @> cast(:at as date)) then cast(:at as date)
        else coalesce(
            (select max(upper(valid)) - 1 from published.admin_unit
             where code = :unit and upper(valid) <= cast(:at as date)), cast(:at as date))
    end as at
)
select u.code, true as came
from published.admin_unit u, day
where u.parent_code >= :unit and u.parent_code < :unit || ':' and not starts_with(u.code, :unit)
  and (day.at is null or u.valid @> day.at)
union all
select u.code, false
from published.admin_unit u, day
where u.code >= :unit and u.code < :unit || ':' and length(u.code) > length(:unit) and not starts_with(u.parent_code, :unit)
  and u.valid @> day.at
