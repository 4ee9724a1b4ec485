-- Where a proposed name lies on a date: the unit and those above it, the townships that came to its county or
-- left it, and the built-up areas (建成区) that hold it. Indexes: admin_unit_code_ix, admin_unit_geometry_gist,
-- admin_unit_parent_ix, built_up_area_geometry_gist.
with recursive start as (
    (
        select u.code from admin_unit u
        where upper_inf(u.recorded) and u.valid @> cast(:at as date) and u.code = any(cast(:codes as text[]))
        order by length(u.code) desc limit 1
    )
    union all
    select u.code from admin_unit u
    where cast(:lon as float8) is not null and cardinality(cast(:codes as text[])) = 0
      and upper_inf(u.recorded) and u.valid @> cast(:at as date)
      and st_covers(u.geometry, st_setsrid(st_makepoint(:lon, :lat), 4490))
),
chain as (
    select u.code, u.name, u.level, u.parent_code, u.geometry
    from admin_unit u
    where upper_inf(u.recorded) and u.valid @> cast(:at as date) and u.code in (select code from start)
    union
    select p.code, p.name, p.level, p.parent_code, p.geometry
    from chain c join admin_unit p on p.code = c.parent_code
    where upper_inf(p.recorded) and p.valid @> cast(:at as date)
),
county as (select code from chain where level = 'county' limit 1)
select c.level as what, c.code, c.name from chain c
union all
select case when t.parent_code = county.code then 'came' else 'left' end, t.code, t.name
from county join admin_unit t
  on (t.parent_code = county.code and left(t.code, 6) <> county.code)
  or (t.code >= county.code and t.code < county.code || ':' and t.parent_code <> county.code)
where t.level = 'township' and upper_inf(t.recorded) and t.valid @> cast(:at as date)
union all
select 'built_up', b.id::text, b.name
from built_up_area b
where upper_inf(b.recorded) and b.valid @> cast(:at as date)
  and st_covers(b.geometry, st_setsrid(st_makepoint(cast(:lon as float8), cast(:lat as float8)), 4490))
union all
select 'built_up', b.id::text, b.name
from chain c join built_up_area b on st_intersects(b.geometry, c.geometry)
where c.level = 'township' and cast(:lon as float8) is null
  and upper_inf(b.recorded) and b.valid @> cast(:at as date)
