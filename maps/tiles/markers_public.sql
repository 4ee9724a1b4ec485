-- markers_public: markers of settled lines, at their rounded positions.
-- Served by map_shape_markers_gist.
select w.i, (select max(number) from published.change_set) as seen, t.tile
from unnest(%(z)s::int[], %(x)s::int[], %(y)s::int[], %(at)s::date[], %(most)s::int[]) with ordinality w(z, x, y, at, most, i)
cross join lateral (
    select ST_AsMVT(f, 'markers_public', 4096, 'shape', 'id') as tile
    from (
        select m.id, m.key as code, m.line, m.name, m.label, m.rank, m.kind, nullif(m.demo, false) as demo,
               ST_AsMVTGeom(m.geometry, ST_TileEnvelope(w.z, w.x, w.y), 4096, 256, true) as shape
        from published.map_shape m
        where m.layer = 'markers_public' and m.rank <= w.z and m.valid @> w.at
          and m.geometry && ST_TileEnvelope(w.z, w.x, w.y, margin => 0.0625)
        order by m.rank, m.id
        limit w.most
    ) f
) t
