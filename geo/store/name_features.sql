-- Natural features and heritage sites whose name is a division's specific part (place_name_scope_ix). A feature
-- reaches beyond the division where it is recorded of a larger unit, or where its shape leaves the division's.
select n.number, n.name, n.category, n.status, n.unit_code, false as former,
       n.status = 'standard' and not n.facts ? 'secrecy' as public, false as protected,
       st_x(st_centroid(n.geometry)) as lon, st_y(st_centroid(n.geometry)) as lat,
       null::float8 as distance_m,
       n.facts ? 'heritage' as heritage,
       length(n.unit_code) < length(:unit) or coalesce(not st_covers(u.geometry, n.geometry), false) as beyond
from place_name n
left join lateral (
    select geometry from admin_unit
    where code = :unit and upper_inf(recorded) and valid @> cast(:at as date) limit 1
) u on true
where n.name = :specific and upper_inf(n.recorded) and n.valid @> cast(:at as date)
  and n.status in ('standard', 'approved') and (n.category = :natural or n.facts ? 'heritage')
  and (
      n.unit_code = any(cast(:above as text[])) or (n.unit_code >= :unit and n.unit_code < :unit || ':')
      or st_intersects(u.geometry, n.geometry)
  )
limit 20
