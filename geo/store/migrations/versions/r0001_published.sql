-- What the public sees. Nothing here reads exact geometry of a line or a unit: shapes come from
-- public_shape alone, which is written when a line is settled or an outline in use is loaded.
-- Views run with their owner's rights; yudi_public has none but these.
create schema published;

-- 行政区划: units in force, with the generalised outline in use; a stretch of time without one keeps its row.
create view published.admin_unit with (security_barrier) as
    select u.code, u.statistical, u.name, u.level, u.kind, u.parent_code, u.document, u.source, u.demo,
           u.valid * s.valid as valid, s.tolerance_m, s.geometry
    from public.admin_unit u
    join public.public_shape s on s.kind = 'unit' and s.code = u.code and s.valid && u.valid
        and upper_inf(s.recorded)
    where upper_inf(u.recorded)
    union all
    select u.code, u.statistical, u.name, u.level, u.kind, u.parent_code, u.document, u.source, u.demo,
           bare.valid, null, null
    from public.admin_unit u
    cross join lateral unnest(
        datemultirange(u.valid) - coalesce(
            (select range_agg(s.valid) from public.public_shape s
             where s.kind = 'unit' and s.code = u.code and upper_inf(s.recorded)), '{}')
    ) as bare(valid)
    where upper_inf(u.recorded);

-- 办理步骤（公开）: how a line came to its state, so that a date can be asked for. Without persons, reasons and
-- papers; steps that leave the state as it is (disputes) are not told. The approval is public once given.
create view published.demarcation_step with (security_barrier) as
    select s.code, s.version, s.from_state, s.to_state, s.on_date,
           case when s.to_state = 'settled' then approval.number end as document,
           case when s.to_state = 'settled' then coalesce(approval.dated, s.on_date) end as approved_on
    from public.demarcation_step s
    left join lateral (
        select e ->> 'number' as number, (e ->> 'date')::date as dated
        from jsonb_array_elements(s.evidence) e where e ->> 'kind' = 'approval' limit 1
    ) approval on true
    where s.from_state <> s.to_state;

-- 勘界进度: the lines to be demarcated and where each stands. Disputes and claims are restricted.
create view published.demarcation with (security_barrier) as
    select d.code, d.name, d.unit_a, d.unit_b, d.level, d.district, d.state, d.demo,
           settled.on_date as settled_on, settled.document
    from public.demarcation d
    left join lateral (
        select s.on_date, s.document from published.demarcation_step s
        where s.code = d.code and s.to_state = 'settled' order by s.version desc limit 1
    ) settled on true;

-- 已勘定界线: settled lines, generalised, for as long as each settled geometry is in force.
create view published.boundary_line with (security_barrier) as
    select l.code, l.name, l.left_code, l.right_code, l.level, round(l.length_m::numeric, 0)::float as length_m,
           d.district, d.settled_on, d.document, l.demo, s.valid, s.tolerance_m, s.geometry
    from public.public_shape s
    join public.boundary_line l on l.id = s.line_id
    join published.demarcation d on d.code = l.code
    where s.kind = 'line' and upper_inf(s.recorded);

-- 界桩（公开）: markers of settled lines, positions rounded to 0.001 degree.
create view published.boundary_marker with (security_barrier) as
    select m.number, m.display_number, m.kind, m.line_code, m.condition, m.demo, m.valid * s.valid as valid,
           st_setsrid(st_makepoint(round(st_x(m.geometry)::numeric, 3)::float,
                                   round(st_y(m.geometry)::numeric, 3)::float), 4490) as geometry
    from public.boundary_marker m
    join public.public_shape s on s.kind = 'line' and s.code = m.line_code and s.valid && m.valid
        and upper_inf(s.recorded)
    where upper_inf(m.recorded);

-- 区划沿革: which unit became which; facts of public documents.
create view published.unit_succession with (security_barrier) as
    select s.id, s.from_code, s.to_code, s.to_name, s.kind, s.on_date, s.document, s.source, s.demo
    from public.unit_succession s;
