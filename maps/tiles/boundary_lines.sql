-- boundary_lines: settled lines, generalised for the tile's stretch of zooms ({last}, one of maps.tiles.serve.STRETCHES).
-- Served by map_shape_lines_gist.
select w.i, (select max(number) from published.change_set) as seen, t.tile
from unnest(%(z)s::int[], %(x)s::int[], %(y)s::int[], %(at)s::date[], %(most)s::int[]) with ordinality w(z, x, y, at, most, i)
cross join lateral (
    select ST_AsMVT(f, 'boundary_lines', 4096, 'shape', 'id') as tile
    from (
        select m.id, m.key as code, m.status, m.name, m.label, m.rank, m.kind, nullif(m.demo, false) as demo,
               ST_AsMVTGeom(m.geometry, ST_TileEnvelope(w.z, w.x, w.y), 4096, 256, true) as shape
        from published.map_shape m
        where m.layer = 'boundary_lines' and m.to_zoom = {last} and m.valid @> w.at
          and m.geometry && ST_TileEnvelope(w.z, w.x, w.y, margin => 0.0625)
        order by m.rank, m.id
        limit w.most
    ) f
) t
