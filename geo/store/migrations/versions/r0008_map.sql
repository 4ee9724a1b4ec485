-- What the tiles read (矢量瓦片), and the order of changes of published data (变更记录). Tables, not views: a security
-- barrier would keep the search by place away from the indexes, and a tile is read in a millisecond. Written by triggers
-- alone, from the same rows that the published views show; nobody else may write them.

-- A change set is a transaction that changed published data. Its number is drawn at the very end of the transaction,
-- under a lock that is held until the commit is seen: whoever sees number n, sees every change of a smaller number.
create sequence published.change_number;
create table published.change_set (
    id bigint generated always as identity primary key,
    number bigint unique,
    at timestamptz not null default clock_timestamp(),
    xact xid8 not null default pg_current_xact_id()
);

-- One version that became public or ceased to be so. x0 … y1: where it lies, in units of the whole web map divided by
-- 2^24, so that a tile's number follows by a shift; empty where it has no place. rank: no tile above this zoom is touched.
create table published.change (
    id bigint generated always as identity primary key,
    set_id bigint not null,
    collection text not null,
    key text not null,
    version_id bigint,
    action text not null check (action in ('add', 'version', 'end')),
    villages boolean not null default false,
    rank smallint not null,
    x0 integer, y0 integer, x1 integer, y1 integer
);
create index change_set_ix on published.change (set_id, id);

create function yudi_change_set() returns bigint language plpgsql security definer
    set search_path = public, published, pg_temp as $$
declare
    held bigint := nullif(current_setting('yudi.change_set', true), '')::bigint;
begin
    if held is not null then
        perform from published.change_set where id = held and xact = pg_current_xact_id();
        if found then
            return held;
        end if;
    end if;
    insert into published.change_set default values returning id into held;
    perform set_config('yudi.change_set', held::text, true);
    return held;
end
$$;

create function yudi_number_change_set() returns trigger language plpgsql security definer
    set search_path = public, published, pg_temp as $$
begin
    perform pg_advisory_xact_lock(7308114);
    update published.change_set set number = nextval('published.change_number') where id = new.id and number is null;
    return null;
end
$$;
create constraint trigger number_change_set after insert on published.change_set
    deferrable initially deferred for each row execute function yudi_number_change_set();

-- Where a place lies on the web map (EPSG:3857). CGCS2000 and WGS 84 differ by less than a metre: no shift.
create function yudi_mercator(shape geometry) returns geometry language sql immutable parallel safe as
    $$ select ST_Transform(ST_SetSRID(shape, 4326), 3857) $$;
create function yudi_map_cell(metres double precision) returns integer language sql immutable parallel safe as
    $$ select greatest(0, least(16777215, floor((metres + 20037508.342789244) / 40075016.685578488 * 16777216)))::integer $$;

-- A place as one point, null beyond the edge of the web map or where a broken shape has none.
create function yudi_inner_point(shape geometry) returns geometry language plpgsql immutable as $$
begin
    return ST_PointOnSurface(shape);
exception when others then
    return ST_Centroid(ST_Envelope(shape));
end
$$;
create function yudi_map_point(shape geometry) returns geometry language plpgsql immutable as $$
declare
    point geometry := case when GeometryType(shape) = 'POINT' then shape else yudi_inner_point(shape) end;
begin
    if ST_IsEmpty(point) or not ST_Y(point) between -85.05 and 85.05 or not ST_X(point) between -180 and 180 then
        return null;
    end if;
    return yudi_mercator(ST_Force2D(point));
end
$$;

-- The zoom from which a name is in the tiles: by its category; earlier for one of weight or with a story to tell, later
-- for one that is no longer used. names_unit: how many digits the code of the unit has that it names.
create function yudi_name_rank(category text, status text, importance integer, digits integer, told boolean)
    returns smallint language sql immutable parallel safe as $$
    select greatest(0, least(13,
        case category
            when '县级以上行政区划' then case when digits = 2 then 1 when digits = 4 then 4 else 6 end
            when '乡镇' then 8 when '街道' then 8
            when '村委会、居委会所在地' then 10
            when '自然地理实体' then 11
            when '公园、自然保护地' then 12 when '开发区、园区' then 12 when '自然村' then 12
            else 13
        end
        - case when importance >= 70 then 2 when importance >= 50 then 1 when told then 1 else 0 end
        + case when status in ('former', 'vanished', 'historic', 'variant', 'dialect') then 1 else 0 end))::smallint
$$;

create table published.map_name (
    version_id bigint primary key,
    number bigint not null,
    name text not null,
    label text not null,              -- half-width brackets: the full-width one loses its ink when drawn
    kind text not null,
    status text not null,
    rank smallint not null,
    importance smallint not null,
    villages boolean not null,        -- also in the layer of villages
    demo boolean not null,
    valid daterange not null,
    unit_code text not null,
    point geometry(Point, 3857),
    shape geometry(Geometry, 4490)    -- where it is more than a point
);
create index map_name_number_ix on published.map_name (number);
create index map_name_shape_gist on published.map_name using gist (shape) where shape is not null;
-- One index for each stretch of zooms: a tile reads no name that it does not show.
create index map_name_all_gist on published.map_name using gist (point);
create index map_name_12_gist on published.map_name using gist (point) where rank <= 12;
create index map_name_10_gist on published.map_name using gist (point) where rank <= 10;
create index map_name_8_gist on published.map_name using gist (point) where rank <= 8;

-- The condition is that of published.place_name; a test holds the two together.
create view map_name_source as
    select n.id as version_id, n.number, n.name, translate(n.name, '（）', '()') as label,
           case n.category
               when '县级以上行政区划' then 'county_up' when '街道' then 'subdistrict' when '乡镇' then 'township'
               when '村委会、居委会所在地' then 'committee' when '自然村' then 'natural_village'
               when '自然地理实体' then 'natural' when '公园、自然保护地' then 'park' when '开发区、园区' then 'zone'
               when '街路巷' then 'street' when '住宅区、楼宇' then 'estate' when '设施' then 'facility' else 'other'
           end as kind,
           n.status::text as status,
           yudi_name_rank(n.category, n.status, n.importance, length(n.names_unit),
                          n.origin is not null or n.facts ? 'story') as rank,
           n.importance, n.category in ('村委会、居委会所在地', '自然村') as villages, n.demo, n.valid,
           n.unit_code, yudi_map_point(n.geometry) as point,
           case when GeometryType(n.geometry) <> 'POINT' then n.geometry end as shape
    from place_name n
    where upper_inf(n.recorded) and n.status not in ('proposed', 'approved') and not n.facts ? 'secrecy';

create function yudi_names_changed() returns trigger language plpgsql security definer
    set search_path = public, published, pg_temp as $$
declare
    in_set bigint;
begin
    if tg_op in ('UPDATE', 'DELETE') then
        if not exists (select from touched t join map_name m on m.version_id = t.id
                       where tg_op = 'DELETE' or not upper_inf(t.recorded)) then
            return null;
        end if;
        in_set := yudi_change_set();
        with gone as (
            delete from map_name m using touched t
            where m.version_id = t.id and (tg_op = 'DELETE' or not upper_inf(t.recorded))
            returning m.*
        )
        insert into change (set_id, collection, key, version_id, action, villages, rank, x0, y0, x1, y1)
            select in_set, 'place_names', number::text, version_id, 'end', villages, rank, yudi_map_cell(ST_X(point)),
                   yudi_map_cell(-ST_Y(point)), yudi_map_cell(ST_X(point)), yudi_map_cell(-ST_Y(point))
            from gone order by version_id;
    else
        if not exists (select from touched t where upper_inf(t.recorded) and t.status not in ('proposed', 'approved')) then
            return null;
        end if;
        in_set := yudi_change_set();
        with came as (
            insert into map_name
                select s.* from map_name_source s join touched t on t.id = s.version_id
            returning *
        )
        insert into change (set_id, collection, key, version_id, action, villages, rank, x0, y0, x1, y1)
            select in_set, 'place_names', number::text, version_id,
                   case when exists (
                       select from place_name e where e.number = came.number and e.id < came.version_id
                           and e.status not in ('proposed', 'approved') and not e.facts ? 'secrecy'
                   ) then 'version' else 'add' end,
                   villages, rank, yudi_map_cell(ST_X(point)), yudi_map_cell(-ST_Y(point)),
                   yudi_map_cell(ST_X(point)), yudi_map_cell(-ST_Y(point))
            from came order by version_id;
    end if;
    return null;
end
$$;
create trigger map_added after insert on place_name
    referencing new table as touched for each statement execute function yudi_names_changed();
create trigger map_closed after update on place_name
    referencing new table as touched for each statement execute function yudi_names_changed();
create trigger map_removed after delete on place_name
    referencing old table as touched for each statement execute function yudi_names_changed();

-- All other layers: few features, each for stretches of zooms. Areas and lines are moved to a grid of half a pixel of the
-- stretch's last zoom: the same vertex to the same place in every shape, so that shared borders stay shared.
create table published.map_shape (
    id bigint generated always as identity primary key,
    layer text not null,
    part_a bigint not null,           -- the versions that it is made of
    part_b bigint not null,
    key text not null,
    number bigint,
    name text not null,
    label text not null,
    kind text not null,
    status text,
    line text,
    tint smallint,
    rank smallint not null,
    demo boolean not null,
    valid daterange not null,
    from_zoom smallint not null,
    to_zoom smallint not null,
    geometry geometry(Geometry, 3857) not null,
    point geometry(Point, 3857)
);
-- A tile reads the features of its own stretch of zooms, named by its last.
create index map_shape_townships_5_gist on published.map_shape using gist (geometry) where layer = 'townships' and to_zoom = 5;
create index map_shape_townships_7_gist on published.map_shape using gist (geometry) where layer = 'townships' and to_zoom = 7;
create index map_shape_townships_9_gist on published.map_shape using gist (geometry) where layer = 'townships' and to_zoom = 9;
create index map_shape_townships_12_gist on published.map_shape using gist (geometry) where layer = 'townships' and to_zoom = 12;
create index map_shape_townships_18_gist on published.map_shape using gist (geometry) where layer = 'townships' and to_zoom = 18;
create index map_shape_township_labels_gist on published.map_shape using gist (point) where layer = 'townships' and to_zoom = 18;
create index map_shape_lines_gist on published.map_shape using gist (geometry) where layer = 'boundary_lines';
create index map_shape_markers_gist on published.map_shape using gist (geometry) where layer = 'markers_public';
create index map_shape_facilities_gist on published.map_shape using gist (geometry) where layer = 'facilities';
create index map_shape_key_ix on published.map_shape (layer, key);

-- What the published views show, of the layers that are drawn. A row a layer: part_a and part_b tell versions apart.
create view map_shape_source as
    select 'townships'::text as layer, u.id as part_a, s.id as part_b, u.code::text as key, null::bigint as number, u.name,
           u.level::text as kind, null::text as status, null::text as line, 6::smallint as rank, u.demo or s.demo as demo,
           u.valid * s.valid as valid, s.geometry
    from admin_unit u
    join public_shape s on s.kind = 'unit' and s.code = u.code and s.valid && u.valid and upper_inf(s.recorded)
    where upper_inf(u.recorded) and u.level = 'township'
    union all
    select 'boundary_lines', l.id, s.id, l.code, null, l.name, l.level, 'settled', null, 6::smallint, l.demo, s.valid, s.geometry
    from public_shape s join boundary_line l on l.id = s.line_id
    where s.kind = 'line' and upper_inf(s.recorded)
    union all
    select 'markers_public', m.id, s.id, m.number, null, coalesce(m.display_number, m.number), m.kind, m.condition, m.line_code,
           11::smallint, m.demo, m.valid * s.valid,
           ST_SetSRID(ST_MakePoint(round(ST_X(m.geometry)::numeric, 3)::float, round(ST_Y(m.geometry)::numeric, 3)::float), 4490)
    from boundary_marker m
    join public_shape s on s.kind = 'line' and s.code = m.line_code and s.valid && m.valid and upper_inf(s.recorded)
    where upper_inf(m.recorded)
    union all
    select 'facilities', f.id, 0, f.number::text, f.number, f.name, f.kind, f.status, null,
           (case when f.kind like 'A%' then 9 else 11 end)::smallint, f.demo, f.valid, f.geometry
    from facility f
    where upper_inf(f.recorded) and f.status not in ('planned', 'building') and f.kind <> 'E15'
      and not f.restricted and f.geometry is not null;

-- Bring some features of a layer in step with what is published; returns how many changed.
create function yudi_sync_map(of_layer text, keys text[]) returns integer language plpgsql security definer
    set search_path = public, published, pg_temp as $$
declare
    old_tints jsonb := '{}';
    fresh record;
    chosen smallint;
    shape geometry;
    changed integer := 0;
    gone integer;
begin
    if not exists (select from map_shape m where m.layer = of_layer and m.key = any(keys))
       and not exists (select from map_shape_source s where s.layer = of_layer and s.key = any(keys)) then
        return 0;
    end if;
    select coalesce(jsonb_object_agg(m.key, m.tint), '{}') into old_tints
        from map_shape m where m.layer = of_layer and m.key = any(keys) and m.tint is not null;
    with old as (
        delete from map_shape m where m.layer = of_layer and m.key = any(keys) and not exists (
            select from map_shape_source s where s.layer = of_layer and s.key = m.key and s.part_a = m.part_a
                and s.part_b = m.part_b and s.valid = m.valid)
        returning m.*
    ), noted as (
        select key, part_a, min(rank) as rank, ST_Extent(geometry) as box from old group by key, part_a, part_b, valid
    ), written as (
        insert into change (set_id, collection, key, version_id, action, rank, x0, y0, x1, y1)
        select yudi_change_set(), of_layer, key, part_a, 'end', rank, yudi_map_cell(ST_XMin(box)),
               yudi_map_cell(-ST_YMax(box)), yudi_map_cell(ST_XMax(box)), yudi_map_cell(-ST_YMin(box))
        from noted order by key returning 1
    )
    select count(*) into gone from written;
    changed := gone;
    for fresh in
        select s.* from map_shape_source s where s.layer = of_layer and s.key = any(keys) and not exists (
            select from map_shape m where m.layer = of_layer and m.key = s.key and m.part_a = s.part_a
                and m.part_b = s.part_b and m.valid = s.valid)
        order by s.key, s.valid
    loop
        shape := yudi_mercator(ST_Force2D(fresh.geometry));
        chosen := null;
        if of_layer = 'townships' then
            -- Neighbours differ where six tints suffice; a unit keeps the one it had.
            chosen := coalesce(
                (old_tints ->> fresh.key)::smallint,
                (select t from generate_series(0, 5) t where not exists (
                     select from map_shape m where m.layer = 'townships' and m.tint = t and m.key <> fresh.key
                         and m.valid && fresh.valid and m.geometry && shape and m.to_zoom = 18)
                 order by (t + ('x' || left(md5(fresh.key), 6))::bit(24)::integer) % 6 limit 1),
                ('x' || left(md5(fresh.key), 6))::bit(24)::integer % 6);
        end if;
        insert into map_shape (layer, part_a, part_b, key, number, name, label, kind, status, line, tint, rank, demo, valid,
                               from_zoom, to_zoom, geometry, point)
        select of_layer, fresh.part_a, fresh.part_b, fresh.key, fresh.number, fresh.name,
               translate(fresh.name, '（）', '()'), fresh.kind, fresh.status, fresh.line, chosen, fresh.rank, fresh.demo,
               fresh.valid, b.first, b.last, b.drawn,
               case when of_layer = 'townships' then yudi_map_point(fresh.geometry) end
        from (
            select first, last,
                   case when last = 18 then shape
                        else ST_SnapToGrid(shape, -20037508.342789244, -20037508.342789244,
                                           40075016.685578488 / 2 ^ last / 1024, 40075016.685578488 / 2 ^ last / 1024) end as drawn
            from (values (0, 5), (6, 7), (8, 9), (10, 12), (13, 18)) bands(first, last)
            where of_layer in ('townships', 'boundary_lines')
            union all
            select 0, 18, shape where of_layer not in ('townships', 'boundary_lines')
        ) b
        where b.drawn is not null and not ST_IsEmpty(b.drawn);
        insert into change (set_id, collection, key, version_id, action, rank, x0, y0, x1, y1)
        values (yudi_change_set(), of_layer, fresh.key, fresh.part_a, 'version', fresh.rank, yudi_map_cell(ST_XMin(shape)),
                yudi_map_cell(-ST_YMax(shape)), yudi_map_cell(ST_XMax(shape)), yudi_map_cell(-ST_YMin(shape)));
        changed := changed + 1;
    end loop;
    return changed;
end
$$;

create function yudi_shapes_changed() returns trigger language plpgsql security definer
    set search_path = public, published, pg_temp as $$
begin
    if tg_table_name = 'admin_unit' then
        perform yudi_sync_map('townships', array(select distinct code::text from touched where level = 'township'));
    elsif tg_table_name = 'public_shape' then
        perform yudi_sync_map('townships', array(select distinct code::text from touched where kind = 'unit'));
        perform yudi_sync_map('boundary_lines', array(select distinct code::text from touched where kind = 'line'));
        perform yudi_sync_map('markers_public', array(
            select distinct m.number::text from boundary_marker m join touched t on t.kind = 'line' and t.code = m.line_code));
    elsif tg_table_name = 'boundary_marker' then
        perform yudi_sync_map('markers_public', array(select distinct number::text from touched));
    elsif tg_table_name = 'facility' then
        perform yudi_sync_map('facilities', array(select distinct number::text from touched));
    end if;
    return null;
end
$$;
do $$
declare
    watched text;
begin
    foreach watched in array array['admin_unit', 'public_shape', 'boundary_marker', 'facility'] loop
        execute format('create trigger map_added after insert on %I referencing new table as touched
            for each statement execute function yudi_shapes_changed()', watched);
        execute format('create trigger map_closed after update on %I referencing new table as touched
            for each statement execute function yudi_shapes_changed()', watched);
        execute format('create trigger map_removed after delete on %I referencing old table as touched
            for each statement execute function yudi_shapes_changed()', watched);
    end loop;
end
$$;

-- One version of a public name with all its public columns, by the id that changes speak of.
create view published.place_name_version with (security_barrier) as
    select n.id as version, n.number, n.place_id, n.code, n.name, n.specific, n.generic, n.romanization, n.readings, n.category,
           n.gb_code, n.status, n.unit_code, n.names_unit, n.meaning, n.origin, n.history, n.description,
           n.document, n.approved_by, n.approved_on, n.announcement, n.announced_on, n.sources, n.pictures,
           (select coalesce(jsonb_object_agg(f.key, f.value), '{}') from jsonb_each(n.facts) f
            where f.key in ('alias', 'short', 'map_name', 'language', 'minority_writing', 'named_on',
                            'founded', 'abolished', 'elevation_m', 'area_m2', 'length_m', 'population',
                            'vanished_because', 'story', 'from_between', 'until_between', 'committee', 'other_codes')) as facts,
           n.importance, n.demo, n.valid, n.geometry, n.geometry_source
    from public.place_name n
    where upper_inf(n.recorded) and n.status not in ('proposed', 'approved') and not n.facts ? 'secrecy';

-- What is there already.
insert into published.map_name select * from map_name_source;
insert into published.change (set_id, collection, key, version_id, action, villages, rank, x0, y0, x1, y1)
    select yudi_change_set(), 'place_names', number::text, version_id, 'add', villages, rank, yudi_map_cell(ST_X(point)),
           yudi_map_cell(-ST_Y(point)), yudi_map_cell(ST_X(point)), yudi_map_cell(-ST_Y(point))
    from published.map_name order by version_id;
select yudi_sync_map(l, array(select distinct s.key from map_shape_source s where s.layer = l))
    from unnest(array['townships', 'boundary_lines', 'markers_public', 'facilities']) l;

revoke execute on function yudi_change_set(), yudi_sync_map(text, text[]) from public;
-- Simpler outlines than the grid's (geo/store/map_areas.py); nothing else of a row may be changed.
grant update (geometry) on published.map_shape to yudi_app;
grant select on published.change_set, published.change, published.map_name, published.map_shape,
    published.place_name_version to yudi_public, yudi_app;
