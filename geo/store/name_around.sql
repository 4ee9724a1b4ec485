-- Standard names within a distance of a point, the nearest first, one of a kind (place_name_geometry_gist).
select n.number, n.name, n.category, n.status, n.unit_code, false as former, true as public,
       false as protected, st_x(st_centroid(n.geometry)) as lon, st_y(st_centroid(n.geometry)) as lat,
       round(st_distance(n.geometry::geography, p.point::geography)::numeric, 1)::float8 as distance_m
from (select st_setsrid(st_makepoint(:lon, :lat), 4490) as point) p
join place_name n on st_dwithin(n.geometry, p.point, :degrees)
where upper_inf(n.recorded) and n.valid @> cast(:at as date) and n.status = 'standard'
  and not n.facts ? 'secrecy' and n.category = any(cast(:categories as text[]))
  and st_dwithin(n.geometry::geography, p.point::geography, :metres)
order by distance_m, n.number limit 8
