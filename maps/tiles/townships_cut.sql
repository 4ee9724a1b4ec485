-- townships, zoom 6 to 12: areas that lie cut to the tile already, and points for their names. They show the same as those of townships.sql.
-- Served by map_piece_pkey.
select w.i, (select max(number) from published.change_set) as seen, a.tile || p.tile as tile
from unnest(%(z)s::int[], %(x)s::int[], %(y)s::int[], %(at)s::date[], %(most)s::int[]) with ordinality w(z, x, y, at, most, i)
cross join lateral (
    select ST_AsMVT(f, 'townships', 4096, 'shape', 'id') as tile
    from (
        select m.shape_id as id, m.name, m.label, m.key as code, m.tint, m.rank, m.kind, nullif(m.demo, false) as demo, m.shape
        from published.map_piece m
        where m.z = w.z and m.x = w.x and m.y = w.y and m.valid @> w.at and m.shape is not null
        order by m.shape_id
        limit w.most
    ) f
) a
cross join lateral (
    select ST_AsMVT(f, 'township_labels', 4096, 'shape', 'id') as tile
    from (
        select m.shape_id as id, m.name, m.label, m.key as code, m.rank, m.kind, nullif(m.demo, false) as demo, m.point as shape
        from published.map_piece m
        where m.z = w.z and m.x = w.x and m.y = w.y and m.valid @> w.at and m.point is not null
        order by m.shape_id
        limit w.most
    ) f
) p
