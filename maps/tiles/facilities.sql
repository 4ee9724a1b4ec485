-- facilities: public facilities that may be shown where they are.
-- Served by map_shape_facilities_gist.
select w.i, (select max(number) from published.change_set) as seen, t.tile
from unnest(%(z)s::int[], %(x)s::int[], %(y)s::int[], %(at)s::date[], %(most)s::int[]) with ordinality w(z, x, y, at, most, i)
cross join lateral (
    select ST_AsMVT(f, 'facilities', 4096, 'shape', 'id') as tile
    from (
        select m.number as id, m.status, m.name, m.label, m.rank, m.kind, nullif(m.demo, false) as demo,
               ST_AsMVTGeom(m.geometry, ST_TileEnvelope(w.z, w.x, w.y), 4096, 256, true) as shape
        from published.map_shape m
        where m.layer = 'facilities' and m.rank <= w.z and m.valid @> w.at
          and m.geometry && ST_TileEnvelope(w.z, w.x, w.y, margin => 0.0625)
        order by m.rank, m.id
        limit w.most
    ) f
) t
