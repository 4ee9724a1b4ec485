-- Townships cut to the tiles of zoom 6 to 12, in the tiles' own units: what takes most of the time of a tile is done once,
-- when an area becomes public, and by the very function that would do it each time, so that a tile shows the same to the unit.
-- Deeper tiles show few areas, and a large one lies in thousands of them: those are cut as they are asked for.
create table published.map_piece (
    z smallint not null,
    x integer not null,
    y integer not null,
    shape_id bigint not null references published.map_shape on delete cascade,
    key text not null,
    name text not null,
    label text not null,
    kind text not null,
    tint smallint,
    rank smallint not null,
    demo boolean not null,
    valid daterange not null,
    shape geometry,                   -- the part of the area, where it has one in the tile
    point geometry,                   -- the place of its label, where that lies in the tile
    check (shape is not null or point is not null),
    primary key (z, x, y, shape_id)
);
create index map_piece_shape_ix on published.map_piece (shape_id);

create function yudi_cut_area(area published.map_shape) returns void language plpgsql security definer
    set search_path = public, published, pg_temp as $$
declare
    world constant double precision := 40075016.685578488;
    strip constant double precision := 0.0625;
begin
    insert into map_piece (z, x, y, shape_id, key, name, label, kind, tint, rank, demo, valid, shape, point)
    select z, x, y, area.id, area.key, area.name, area.label, area.kind, area.tint, area.rank, area.demo, area.valid, made.shape, made.point
    from (select ST_Extent(part) as box from (values (area.geometry), (area.point)) parts(part)) ground
    cross join generate_series(greatest(6, area.from_zoom), area.to_zoom) z
    cross join lateral (select 2 ^ z / world as scale, (2 ^ z)::integer - 1 as last) side
    cross join lateral generate_series(
        greatest(0, floor((ST_XMin(box) + world / 2) * scale - strip)::integer),
        least(last, floor((ST_XMax(box) + world / 2) * scale + strip)::integer)) x
    cross join lateral generate_series(
        greatest(0, floor((world / 2 - ST_YMax(box)) * scale - strip)::integer),
        least(last, floor((world / 2 - ST_YMin(box)) * scale + strip)::integer)) y
    cross join lateral (select ST_TileEnvelope(z, x, y) as square) tile
    cross join lateral (
        select ST_AsMVTGeom(area.geometry, square, 4096, 256, true) as shape,
               ST_AsMVTGeom(area.point, square, 4096, 256, true) as point
    ) made
    where made.shape is not null or made.point is not null;
end
$$;
-- No scan of the whole table, however few rows it has when the plan is made: the plan is kept.
create function yudi_area_changed() returns trigger language plpgsql security definer
    set search_path = public, published, pg_temp set enable_seqscan = off as $$
begin
    if tg_op = 'UPDATE' then
        delete from map_piece where shape_id = new.id;
    end if;
    perform yudi_cut_area(new);
    return null;
end
$$;
create trigger cut_new after insert on published.map_shape for each row
    when (new.layer = 'townships' and new.to_zoom between 6 and 12) execute function yudi_area_changed();
create trigger cut_again after update on published.map_shape for each row
    when (new.layer = 'townships' and new.to_zoom between 6 and 12) execute function yudi_area_changed();

-- What is there already.
select yudi_cut_area(m) from published.map_shape m where m.layer = 'townships' and m.to_zoom between 6 and 12;

revoke execute on function yudi_cut_area(published.map_shape), yudi_area_changed() from public;
grant select on published.map_piece to yudi_public, yudi_app;
