-- place_names: public names, the most important first.
-- Served by map_name_8_gist, map_name_10_gist, map_name_12_gist or map_name_all_gist. {rank} is one of the four conditions of maps.tiles.serve.RANKS, a constant
-- by the tile's zoom, so that the index of that zoom's names serves.
select w.i, (select max(number) from published.change_set) as seen, t.tile
from unnest(%(z)s::int[], %(x)s::int[], %(y)s::int[], %(at)s::date[], %(most)s::int[]) with ordinality w(z, x, y, at, most, i)
cross join lateral (
    select ST_AsMVT(f, 'place_names', 4096, 'shape', 'id') as tile
    from (
        select n.number as id, n.name, n.label, n.rank, n.kind, n.status, nullif(n.demo, false) as demo,
               ST_AsMVTGeom(n.point, ST_TileEnvelope(w.z, w.x, w.y), 4096, 256, true) as shape
        from published.map_name n
        where n.point && ST_TileEnvelope(w.z, w.x, w.y, margin => 0.0625) and {rank} and n.valid @> w.at
        order by n.rank, n.importance desc, n.version_id
        limit w.most
    ) f
) t
