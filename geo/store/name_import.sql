-- Statements of geo/store/name_import.py, by name. `staged` holds one stretch of a file's rows, all checked. Rows
-- with a parent are further names of the place of the row that they stand beside.

-- name: make
create temporary table if not exists staged (
    row bigint not null, parent bigint, number bigint, code text, name text not null, specific text not null,
    generic text not null, romanization text not null, category text not null, gb_code text, status text not null,
    unit_code text not null, meaning text, origin text, history text, description text, document text,
    approved_by text, announcement text, approved_on date, announced_on date, valid_from date, source text,
    facts text, geometry geometry(Geometry, 4490), geometry_source text,
    found bigint, found_number bigint, place_id bigint, core boolean, differs boolean,
    fresh boolean not null default false
) on commit drop

-- name: empty
truncate staged

-- Without it the planner takes the stretch for a handful of rows.
-- name: analyze
analyze staged

-- The version that a row speaks of: by its number, else its code, else its name, category and unit. One statement
-- each, one probe a row, here and below: a join would read the whole register for every stretch. Served by place_name_number_ix, place_name_code_ix, place_name_name_ix.
-- name: match_number
update staged s set found = n.id, found_number = n.number, place_id = n.place_id
from staged r, lateral (
    select n.id, n.number, n.place_id from place_name n where n.number = r.number and upper_inf(n.recorded)
    order by upper_inf(n.valid) desc, lower(n.valid) desc nulls last limit 1
) n
where r.number is not null and r.parent is null and s.parent is null and s.row = r.row

-- name: match_code
update staged s set found = n.id, found_number = n.number, place_id = n.place_id
from staged r, lateral (
    select n.id, n.number, n.place_id from place_name n where n.code = r.code and upper_inf(n.recorded)
      and case when r.status = any(:primary) then n.status = any(:primary)
               else n.status = r.status and n.name = r.name end
    order by upper_inf(n.valid) desc, lower(n.valid) desc nulls last limit 1
) n
where r.number is null and r.code is not null and r.parent is null and s.parent is null and s.row = r.row

-- name: match_name
update staged s set found = n.id, found_number = n.number, place_id = n.place_id
from staged r, lateral (
    select n.id, n.number, n.place_id from place_name n where n.name = r.name and n.code is null
      and upper_inf(n.recorded) and n.category = r.category and n.unit_code = r.unit_code
      and (n.status = r.status or (n.status = any(:primary) and r.status = any(:primary)))
    order by upper_inf(n.valid) desc, lower(n.valid) desc nulls last limit 1
) n
where r.number is null and r.code is null and r.parent is null and s.parent is null and s.row = r.row

-- A row that leaves a name what it is speaks of the version in force on the day that pages read: what was exported on
-- that day comes back without a change, and a later version of the name keeps what it says.
-- name: in_force
update staged s set found = o.id
from staged r cross join lateral (select number, valid from place_name where id = r.found offset 0) n
    cross join lateral (
        select id, name, category, status, unit_code from place_name
        where number = n.number and upper_inf(recorded) and valid @> cast(:today as date) offset 0) o
where r.found is not null and not n.valid @> cast(:today as date) and s.row = r.row and s.parent is null
  and (s.name, s.category, s.status, s.unit_code) = (o.name, o.category, o.status, o.unit_code)

-- A further name with a code joins the place that has it.
-- name: join_place
update staged s set place_id = n.place_id
from place_name n
where s.place_id is null and s.parent is null and s.code is not null and not s.status = any(:primary)
  and n.code = s.code and upper_inf(n.recorded) and n.status = any(:primary)

-- name: differences
update staged s set
    core = (s.name, s.category, s.status, s.unit_code) is distinct from (n.name, n.category, n.status, n.unit_code),
    differs = (s.name, s.category, s.status, s.unit_code) is distinct from (n.name, n.category, n.status, n.unit_code)
        or s.code <> coalesce(n.code, '') or s.gb_code <> coalesce(n.gb_code, '')
        or s.meaning <> coalesce(n.meaning, '') or s.origin <> coalesce(n.origin, '')
        or s.history <> coalesce(n.history, '') or s.description <> coalesce(n.description, '')
        or s.document <> coalesce(n.document, '') or s.approved_by <> coalesce(n.approved_by, '')
        or s.announcement <> coalesce(n.announcement, '')
        or s.approved_on <> coalesce(n.approved_on, date 'infinity')
        or s.announced_on <> coalesce(n.announced_on, date 'infinity')
        or (s.source is not null and not n.sources @> jsonb_build_array(jsonb_build_object('title', s.source)))
        or (s.facts is not null and not n.facts @> s.facts::jsonb)
        or (s.geometry is not null
            and (n.geometry is null or ST_AsBinary(n.geometry) <> ST_AsBinary(s.geometry)))
from staged r cross join lateral (select * from place_name where id = r.found offset 0) n
where r.found is not null and s.row = r.row and s.parent is null

-- Rows that the register does not let in, with the reason's name. PN-20: what a name is rests on a document. A name on
-- a protection list (条例第二十五条) is not renamed, not ended, and not called the former name (曾用名) of another place.
-- name: refused
with guarded as materialized (
    select n.place_id, n.name, n.category, n.unit_code from place_name n
    where n.number in (/*protected*/) and upper_inf(n.recorded) and upper_inf(n.valid)
      and n.status in ('standard', 'approved', 'proposed')
), replaced as materialized (
    select b.parent as row from staged b join guarded g on g.name = b.name and g.category = b.category
    join staged m on m.row = b.parent and m.parent is null and m.place_id is distinct from g.place_id
    where b.status = 'former' and (starts_with(g.unit_code, m.unit_code) or starts_with(m.unit_code, g.unit_code))
      and not exists (select from place_name o where o.place_id = m.place_id and o.name = b.name
                      and o.status = 'former' and upper_inf(o.recorded))
)
delete from staged s using (
    select r.row, case
        when r.number is not null and r.found is null then 'unknown_number'
        when r.core and not upper_inf(n.valid) then 'ended'
        when r.core and :document = '' and coalesce(r.document, '') in ('', coalesce(n.document, '')) then 'no_document'
        when r.core and lower(n.valid) > coalesce(cast(:on as date), r.approved_on, :today) then 'too_early'
        when r.number is not null and r.code is not null and r.status = 'standard' and exists (
            select from place_name o where o.code = r.code and o.status = 'standard' and upper_inf(o.recorded)
            and upper_inf(o.valid) and o.number is distinct from r.found_number) then 'code_taken'
        when r.core and (r.name <> n.name or not r.status in ('standard', 'approved', 'proposed'))
            and r.found_number in (/*protected*/) and (r.name <> n.name or n.status in ('standard', 'approved', 'proposed'))
            then 'protected'
        when r.row in (select row from replaced) then 'protected'
    end as why
    from staged r left join lateral (select v.* from place_name v where v.id = r.found limit 1) n on true
    where r.parent is null and (r.number is not null or r.core or r.row in (select row from replaced))
) r
where r.why is not null and (s.row = r.row or s.parent = r.row)
returning s.row, s.name, s.code, s.parent, r.why

-- name: read_settled
select s.row, s.name, s.category, n.readings from staged s join place_name n on n.id = s.found
where s.core and s.name = n.name and s.category <> n.category and n.readings is not null

-- name: spell
update staged set romanization = :spelled where row = :row and parent is null

-- name: places
update staged set place_id = nextval('place_id_seq'), fresh = true where place_id is null and parent is null

-- name: enter_places
insert into place (id, demo) select place_id, false from staged where fresh

-- Further names follow the place of their row, and are new where it has none of that name and standing.
-- name: beside
update staged s set place_id = p.place_id, found = n.id, found_number = n.number, core = false, differs = false
from staged p left join lateral (
    select o.place_id, o.id, o.number, o.name, o.status from place_name o
    where o.place_id = p.place_id and upper_inf(o.recorded)
) n on true
where s.parent = p.row and p.parent is null and n.name = s.name and n.status = s.status

-- name: beside_place
update staged s set place_id = p.place_id
from staged p where s.parent = p.row and p.parent is null and s.place_id is null

-- name: insert_new
insert into place_name (
    place_id, code, name, specific, generic, romanization, category, gb_code, status, unit_code, meaning, origin,
    history, description, document, approved_by, approved_on, announcement, announced_on, sources, facts, geometry,
    geometry_source, valid, recorded, reason, made_by)
select s.place_id, s.code, s.name, s.specific, s.generic, s.romanization, s.category, s.gb_code, s.status, s.unit_code,
    s.meaning, s.origin, s.history, s.description, coalesce(s.document, nullif(:document, '')), s.approved_by,
    coalesce(s.approved_on, case when s.document is null then cast(:on as date) end), s.announcement, s.announced_on,
    case when coalesce(s.source, :source) = '' then '[]'
         else jsonb_build_array(jsonb_build_object('title', coalesce(s.source, :source))) end,
    coalesce(s.facts, '{}')::jsonb, s.geometry, s.geometry_source,
    daterange(coalesce(s.valid_from, cast(:on as date), s.approved_on, :today), null, '[)'),
    tstzrange(:moment, null, '[)'), :reason, :actor
from staged s where s.found is null

-- The old name of a place that was renamed stays as a name of its own (曾用名), from the day that it gave way.
-- name: former
with gone as (
    select nextval('place_name_number') as former_number, n.*, s.row,
           coalesce(cast(:on as date), s.approved_on, :today) as since,
           coalesce(nullif(:document, ''), s.document) as by_document
    from staged s join place_name n on n.id = s.found
    where s.core and s.name <> n.name and n.status = any(:primary)
      and coalesce(lower(n.valid), date '-infinity') < coalesce(cast(:on as date), s.approved_on, :today)
), entered as (
    insert into place_name (
        number, place_id, code, name, specific, generic, romanization, readings, category, gb_code, status, unit_code,
        document, sources, geometry, geometry_source, valid, recorded, reason, made_by)
    select former_number, place_id, code, name, specific, generic, romanization, readings, category, gb_code, 'former',
        unit_code, document, sources, geometry, geometry_source, daterange(since, null, '[)'),
        tstzrange(:moment, null, '[)'), :reason, :actor
    from gone returning number
)
insert into name_succession (from_number, to_number, kind, on_date, document, source, made_by)
select g.former_number, g.number, 'renamed', g.since, g.by_document, coalesce(nullif(:source, ''), g.by_document, :reason),
    :actor
from gone g join entered e on e.number = g.former_number
returning from_number

-- name: moved
insert into name_succession (from_number, to_number, kind, on_date, document, source, made_by)
select n.number, null, case when s.status = 'vanished' then 'vanished' else 'abolished' end,
    coalesce(cast(:on as date), s.approved_on, :today), coalesce(nullif(:document, ''), s.document),
    coalesce(nullif(:source, ''), nullif(:document, ''), s.document, :reason), :actor
from staged s join place_name n on n.id = s.found
where s.core and n.status = 'standard' and s.status not in ('standard', 'approved', 'proposed')

-- What is changed: the old version closes, its part before the change stays as a version, the new one follows. A change
-- of descriptive facts corrects the whole version; a change of what the name is holds from the document's day.
-- name: supersede
with changed as (
    select n.id, coalesce(cast(:on as date), s.approved_on, :today) as since, s.core, n.valid, s.row
    from staged s join place_name n on n.id = s.found
    where s.differs
), rows as (
    select n.number, n.place_id, coalesce(s.code, n.code) as code, s.name,
        case when s.core then s.specific else n.specific end as specific,
        case when s.core then s.generic else n.generic end as generic,
        case when s.name <> n.name or s.category <> n.category then s.romanization else n.romanization end as romanization,
        case when s.name = n.name then n.readings end as readings,
        s.category, coalesce(s.gb_code, n.gb_code) as gb_code, s.status, s.unit_code, n.names_unit,
        coalesce(s.meaning, n.meaning) as meaning, coalesce(s.origin, n.origin) as origin,
        coalesce(s.history, n.history) as history, coalesce(s.description, n.description) as description,
        case when s.core and coalesce(s.document, '') in ('', coalesce(n.document, ''))
             then coalesce(nullif(:document, ''), s.document, n.document) else coalesce(s.document, n.document) end as document,
        coalesce(s.approved_by, n.approved_by) as approved_by,
        case when s.core then coalesce(cast(:on as date), s.approved_on, n.approved_on)
             else coalesce(s.approved_on, n.approved_on) end as approved_on,
        coalesce(s.announcement, n.announcement) as announcement,
        coalesce(s.announced_on, n.announced_on) as announced_on,
        n.sources || case when s.source is null or n.sources @> jsonb_build_array(jsonb_build_object('title', s.source))
            then '[]' else jsonb_build_array(jsonb_build_object('title', s.source)) end as sources,
        n.pictures, n.facts || coalesce(s.facts, '{}')::jsonb as facts, n.importance,
        coalesce(s.geometry, n.geometry) as geometry, coalesce(s.geometry_source, n.geometry_source) as geometry_source,
        case when c.core then daterange(c.since, null, '[)') else n.valid end as valid, n.demo
    from changed c join staged s on s.row = c.row and s.parent is null join place_name n on n.id = c.id
), rests as (
    select n.*, c.since from changed c join place_name n on n.id = c.id
    where c.core and coalesce(lower(n.valid), date '-infinity') < c.since
), closed as (
    update place_name n set recorded = tstzrange(lower(n.recorded), :moment, '[)')
    from changed c where n.id = c.id returning n.id
), kept as (
    insert into place_name (
        number, place_id, code, name, specific, generic, romanization, readings, category, gb_code, status, unit_code,
        names_unit, meaning, origin, history, description, document, approved_by, approved_on, announcement, announced_on,
        sources, pictures, facts, importance, geometry, geometry_source, valid, recorded, reason, demo, submission_id, made_by)
    select number, place_id, code, name, specific, generic, romanization, readings, category, gb_code, status, unit_code,
        names_unit, meaning, origin, history, description, document, approved_by, approved_on, announcement, announced_on,
        sources, pictures, facts, importance, geometry, geometry_source, daterange(lower(valid), since, '[)'),
        tstzrange(:moment, null, '[)'), reason, demo, submission_id, made_by
    from rests where (select count(*) from closed) >= 0
    returning number
)
insert into place_name (
    number, place_id, code, name, specific, generic, romanization, readings, category, gb_code, status, unit_code,
    names_unit, meaning, origin, history, description, document, approved_by, approved_on, announcement, announced_on,
    sources, pictures, facts, importance, geometry, geometry_source, valid, demo, recorded, reason, made_by)
select r.*, tstzrange(:moment, null, '[)'), :reason, :actor
from (select number, place_id, code, name, specific, generic, romanization, readings, category, gb_code, status, unit_code,
        names_unit, meaning, origin, history, description, document, approved_by, approved_on, announcement, announced_on,
        sources, pictures, facts, importance, geometry, geometry_source, valid, demo from rows) r
where (select count(*) from closed) >= 0 and (select count(*) from kept) >= 0
returning number
