-- Standard names of a township whose specific part is a piece of a proposed name (place_name_specific_ix).
select n.number, n.name, n.category, n.status, n.unit_code, false as former, true as public,
       false as protected, st_x(st_centroid(n.geometry)) as lon, st_y(st_centroid(n.geometry)) as lat,
       null::float8 as distance_m
from place_name n
where n.specific = any(cast(:pieces as text[])) and n.category = any(cast(:categories as text[]))
  and upper_inf(n.recorded) and n.valid @> cast(:at as date) and n.status = 'standard'
  and not n.facts ? 'secrecy' and n.unit_code like cast(:township as text) || '%'
order by n.number limit 8
