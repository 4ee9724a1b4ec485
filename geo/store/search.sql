-- Statements of the search, by name. {match} is one of search_statements.CONDITIONS, {filters} those that are asked for.
-- What a step asks for stands in q, a row of its own behind a fence: the planner sees no value, so that one plan serves
-- every question and is made once. `score` orders within a step: the rank, or with a point given 100,000,000 for
-- every class of units above villages, and metres.

-- name: limited
-- A search waits no longer than this.
select set_config('statement_timeout', :timeout, true)

-- name: known
-- What a process knows beforehand: the stamp, the common keys, the register's names of units by rank
-- (name_form_unit_form_ix), what units are called when, and since when those lie in another unit that do not lie where their
-- code says.
select (select coalesce(sum(stamp), 0)::text from published.search_stamp) as stamp,
    (select jsonb_agg(jsonb_build_array(key, hits, last_rank, last_form)) from published.common_key) as common,
    (select jsonb_agg(jsonb_build_array(names_unit, form, bare) order by rank, id) from published.name_form
     where names_unit is not null) as units,
    (select jsonb_agg(jsonb_build_array(code, statistical, name, lower(valid), upper(valid))) from published.admin_unit) as names,
    (select jsonb_agg(jsonb_build_array(code, parent_code, lower(valid))) from published.admin_unit
     where length(code) > 6 and not starts_with(code, parent_code)) as moved

-- name: page
-- The names of all parts in order, as many as are wanted, and the offers where those do not fill the page: the server
-- leaves undone what is not come to. Each with what is shown of it (name_form_pkey), and with the standard names of those
-- that are none. One row at least, which says whether what was known beforehand is still so; where it is not, nothing is looked
-- for.
with asked as materialized (
    select cast(:wanted as bigint) as wanted,
        (select coalesce(sum(stamp), 0) from published.search_stamp) = cast(:stamp as numeric) as good
), page as materialized (
    select * from ({ordinary}) whole limit (select case when good then wanted else 0 end from asked)
), shown as materialized (
    select p.step, p.score, {columns}
    from (
        select * from page
        union all
        select * from ({offers}) offered
        where (select count(*) from page) < (select case when good then wanted - 1 else 0 end from asked)
    ) p
    join lateral (select * from published.name_form where id = p.id offset 0) f on true
)
select a.good, s.*, (select jsonb_agg(to_jsonb(r)) from ({around}) r) as around
from asked a left join shown s on true order by s.step, s.score, s.id

-- name: around
-- What stands beside hits that are not in force: the standard names of their places (name_form_place_ix).
select place_id, number, name from published.name_form
where place_id = any((select array_agg(place_id) from shown where status <> 'standard')::bigint[])
  and status = 'standard' and kind = 'name' and latest

-- name: listed
-- The best names of a common key (common_name_pkey), each looked at by its id.
select f.id, f.number, l.rank::float8 as score
from (
    select rank, form_id from published.common_name
    where key = q.driver and (rank, form_id) > (q.list_rank, q.list_id)
    order by rank, form_id
) l
join lateral (select * from published.name_form where id = l.form_id offset 0) f on true
where {match} and {filters}
order by l.rank, l.form_id limit q.limit

-- name: gathered
-- All names with these keys (name_form_keys_gin), at most so many of them, then sorted.
select g.id, g.number, g.score
from (
    select f.id, f.number, {score} as score from published.name_form f where {match} and {keyed} and {filters} limit {most}
) g
where (g.score, g.id) > (q.after, q.after_id)
order by g.score, g.id limit q.limit

-- name: tried
-- As gathered, for what only a pattern tells: so many names with these keys, and no more, are looked at.
select g.id, g.number, g.score
from (
    select f.id, f.number, {score} as score
    from (select * from published.name_form f where {keyed} and {filters} limit {tried}) f
    where {match}
) g
where (g.score, g.id) > (q.after, q.after_id)
order by g.score, g.id limit q.limit

-- name: slips
-- Names that have any of these keys (name_form_keys_gin), and the best of those that have common ones (common_name_pkey)
-- and none of the keys before, one slip from the text: that is looked at last, by rank, until there are enough.
select c.id, c.number, c.rank::float8 as score
from (
    select * from (
        (select f.id, f.number, f.rank, f.form, f.bare from published.name_form f
         where f.keys && q.keys and {match} and {filters} limit {most})
        union all
        select f.id, f.number, f.rank, f.form, f.bare
        from unnest(q.drivers) with ordinality d(key, place) cross join lateral (
            select f.* from (
                select rank, form_id from published.common_name where key = d.key order by rank, form_id
            ) l
            join lateral (select * from published.name_form where id = l.form_id offset 0) f on true
            where {match} and {filters} and (f.form like any(q.slips) or f.bare like any(q.slips))
              and not f.keys && q.keys and not f.keys && q.drivers[1 : d.place - 1]
            order by l.rank, l.form_id limit q.limit) f
    ) u
    order by u.rank, u.id offset 0
) c
where c.form like any(q.slips) or c.bare like any(q.slips)
order by c.rank, c.id limit q.limit

-- name: walked
-- Names in the order of their rank (name_form_rank_ix), for what so many names have that the next is never far:
-- a stretch of so many names, no more.
select f.id, f.number, f.rank::float8 as score
from (
    select * from published.name_form
    where (rank, id) > (q.list_rank, q.list_id) and rank <= q.last_rank
    order by rank, id limit q.most
) f
where {match} and {keyed} and {filters}
order by f.rank, f.id limit q.limit

-- name: nearest
-- Names in the order of their distance (name_form_point_gist), for what so many names have that the next is
-- never far.
select g.id, g.number, g.score
from (
    select f.id, f.number, {score} as score from (
        select * from published.name_form where point is not null
        order by point <-> ST_SetSRID(ST_MakePoint(q.lon, q.lat), 4490) limit q.most
    ) f
    where {match} and {keyed} and {filters}
) g
where (g.score, g.id) > (q.after, q.after_id)
order by g.score, g.id limit q.limit

-- name: units
-- Of some units those that came to each and kept another code, and units of its code that lie elsewhere, on a date; without a
-- date those that ever came. Served by admin_unit_parent_ix and admin_unit_code_ix: what the codes say is asked
-- first, and hardly any row is left for the rest.
select q.unit, part.*
from unnest(cast(:units as text[])) q(unit)
cross join lateral (
    with day as (
        select case
            when cast(:at as date) is null then null
            when exists (select from published.admin_unit where code = q.unit and valid @> cast(:at as date)) then cast(:at as date)
            else coalesce(
                (select max(upper(valid)) - 1 from published.admin_unit
                 where code = q.unit and upper(valid) <= cast(:at as date)), cast(:at as date))
        end as at
    )
    select u.code, true as came
    from published.admin_unit u, day
    where u.parent_code >= q.unit and u.parent_code < q.unit || ':' and not starts_with(u.code, q.unit)
      and (day.at is null or u.valid @> day.at)
    union all
    select u.code, false
    from published.admin_unit u, day
    where u.code >= q.unit and u.code < q.unit || ':' and length(u.code) > length(q.unit)
      and not starts_with(u.parent_code, q.unit) and u.valid @> day.at
) part
