-- townships, zoom 13 and deeper: generalised areas of the tile's stretch of zooms, and points for their names.
-- Served by map_shape_townships_18_gist and map_shape_township_labels_gist. {last} is the last zoom of the stretch, one of
-- maps.tiles.statements.STRETCHES; for zoom 6 to 12 see townships_cut.sql.
select w.i, (select max(number) from published.change_set) as seen, a.tile || p.tile as tile
from unnest(%(z)s::int[], %(x)s::int[], %(y)s::int[], %(at)s::date[], %(most)s::int[]) with ordinality w(z, x, y, at, most, i)
cross join lateral (
    select ST_AsMVT(f, 'townships', 4096, 'shape', 'id') as tile
    from (
        select m.id, m.name, m.label, m.key as code, m.tint, m.rank, m.kind, nullif(m.demo, false) as demo,
               ST_AsMVTGeom(m.geometry, ST_TileEnvelope(w.z, w.x, w.y), 4096, 256, true) as shape
        from published.map_shape m
        where m.layer = 'townships' and m.to_zoom = {last} and m.valid @> w.at
          and m.geometry && ST_TileEnvelope(w.z, w.x, w.y, margin => 0.0625)
        order by m.id
        limit w.most
    ) f
) a
cross join lateral (
    select ST_AsMVT(f, 'township_labels', 4096, 'shape', 'id') as tile
    from (
        select m.id, m.name, m.label, m.key as code, m.rank, m.kind, nullif(m.demo, false) as demo,
               ST_AsMVTGeom(m.point, ST_TileEnvelope(w.z, w.x, w.y), 4096, 256, true) as shape
        from published.map_shape m
        where m.layer = 'townships' and m.to_zoom = 18 and m.valid @> w.at
          and m.point && ST_TileEnvelope(w.z, w.x, w.y, margin => 0.0625)
        order by m.id
        limit w.most
    ) f
) p
