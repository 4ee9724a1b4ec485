-- Names of the register that a proposed one may meet: in the legal scope those of its category that are alike
-- in any way (name_shape_keys_gin, then place_name_scope_ix), in its county those of the same name in another
-- category, and the one that a renaming leaves. Names without keys yet are candidates too.
with alike as materialized (
    select s.name, s.category from name_shape s where s.keys && cast(:keys as text[])
    union
    (select s.name, s.category from name_shape s where s.keys is null and s.category = :category limit 5000)
    union
    select cast(:replaces as text), cast(:category as text) where cast(:replaces as text) is not null
),
found as (
    select n.id from alike a
    cross join unnest(cast(:within as text[])) w (code)
    join place_name n on n.name = a.name and n.category = a.category and upper_inf(n.recorded)
        and n.unit_code >= w.code and n.unit_code < w.code || ':'
    where a.category = :category
    union
    select n.id from name_shape s
    cross join unnest(cast(:county as text[])) w (code)
    join place_name n on n.name = s.name and n.category = s.category and upper_inf(n.recorded)
        and n.unit_code >= w.code and n.unit_code < w.code || ':'
    where s.name = :plain and s.category <> :category
),
rows as (
    -- One version of each name: the one in force, else the next, else the last.
    select distinct on (n.number) n.number, n.name, n.category, n.status, n.unit_code, n.geometry, n.readings,
           n.status in ('former', 'vanished', 'historic') or upper(n.valid) <= cast(:at as date) as former,
           n.status not in ('proposed', 'approved') and not n.facts ? 'secrecy' as public,
           n.number in (/*protected*/) as protected
    from found f join place_name n using (id)
    where n.status in ('standard', 'approved', 'proposed', 'former', 'vanished', 'historic')
      and n.number <> all(cast(:ignored as bigint[]))
      and left(n.unit_code, 9) <> all(cast(:gone as text[]))
      and (
          cardinality(cast(:built_up as bigint[])) = 0 or n.category <> :category
          or exists (
              select from built_up_area b where b.id = any(cast(:built_up as bigint[]))
                and st_intersects(b.geometry, n.geometry)
          )
          or (n.geometry is null and n.unit_code >= :township and n.unit_code < :township || ':')
      )
    order by n.number, n.valid @> cast(:at as date) desc, upper(n.valid) is null desc, upper(n.valid) desc
    limit 300
)
select number, name, category, status, unit_code, readings, former, public, protected,
       st_x(st_centroid(geometry)) as lon, st_y(st_centroid(geometry)) as lat,
       case when cast(:lon as float8) is not null then round(st_distance(
           geometry::geography, st_setsrid(st_makepoint(:lon, :lat), 4490)::geography)::numeric, 1)::float8
       end as distance_m
from rows
order by name <> :plain, distance_m nulls last, number
