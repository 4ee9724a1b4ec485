-- One case with everything that its page shows, in one statement: place_name_application_number_key or its ref_key finds
-- the case, and each list is read by its application_id index. Times are ISO 8601 texts inside the lists.
select a.id, a.ref, a.number, a.district, a.action, a.category, a.state, a.version, a.name, a.romanization, a.unit_code,
    a.subject_number, a.result_number, a.form, a.applicant_kind, a.applicant_id, a.organisation_id, a.contact_name,
    a.contact_phone, a.route, a.body, a.officer_id, a.findings, a.checked_at, a.created, a.saved, a.submitted_at,
    a.decided_at, a.due, a.decision_number, a.external, a.demo, a.plan_id,
    st_asgeojson(a.geometry, 7)::jsonb as geometry,
    st_x(st_pointonsurface(a.geometry)) as lon, st_y(st_pointonsurface(a.geometry)) as lat,
    u.name as applicant, o.name as organisation, o.kind as organisation_kind, o.unit_code as organisation_unit,
    f.name as officer, p.title as plan_title, p.ref as plan_ref,
    (select string_agg(w.name, '' order by length(w.code))
        from (select distinct on (n.code) n.code, n.name from admin_unit n
              where n.code in (a.district, left(a.unit_code, 9), a.unit_code) and length(n.code) in (6, 9, 12)
                and upper_inf(n.recorded)
              order by n.code, n.valid desc) w) as unit_name,
    (select coalesce(jsonb_agg(jsonb_build_object(
            'version', s.version, 'transition', s.transition, 'from', s.from_state, 'to', s.to_state, 'at', s.at,
            'actor_id', s.actor_id, 'actor', x.name, 'organisation_id', x.organisation_id, 'role', s.role,
            'reason', s.reason, 'details', s.details) order by s.version), '[]')
        from application_step s left join app_user x on x.id = s.actor_id where s.application_id = a.id) as steps,
    (select coalesce(jsonb_agg(to_jsonb(c) order by c.id), '[]')
        from application_clock c where c.application_id = a.id) as clocks,
    (select coalesce(jsonb_agg(jsonb_build_object(
            'id', m.id, 'kind', m.kind, 'filename', m.filename, 'sha256', m.sha256, 'media_type', m.media_type,
            'inline', m.inline, 'pages', m.pages, 'at', m.added_at, 'size', k.size) order by m.id), '[]')
        from application_material m join stored_file k on k.sha256 = m.sha256
        where m.application_id = a.id and m.removed_at is null) as materials,
    (select coalesce(jsonb_agg(jsonb_build_object(
            'id', v.id, 'kind', v.kind, 'giver', v.giver, 'stance', v.stance, 'says', v.says, 'rule', v.rule,
            'contents', v.contents, 'sha256', v.sha256, 'at', v.at, 'made_by', v.made_by, 'by', x.name) order by v.id), '[]')
        from application_opinion v join app_user x on x.id = v.made_by where v.application_id = a.id) as opinions,
    (select coalesce(jsonb_agg(jsonb_build_object(
            'id', d.id, 'kind', d.kind, 'number', d.number, 'dated', d.dated, 'pdf', d.pdf_sha256,
            'docx', d.docx_sha256) order by d.id), '[]')
        from case_document d where d.application_id = a.id or (a.plan_id is not null and d.plan_id = a.plan_id)) as documents,
    (select coalesce(jsonb_agg(jsonb_build_object(
            'id', g.id, 'to_body', g.to_body, 'sent_on', g.sent_on, 'state', g.state, 'filed_on', g.filed_on,
            'reference', g.reference, 'reason', g.reason) order by g.id), '[]')
        from filing g where g.application_id = a.id) as filings,
    (select coalesce(jsonb_agg(jsonb_build_object(
            'id', n.id, 'number', n.number, 'kind', n.kind, 'of_id', n.of_id, 'title', n.title, 'dated', n.dated,
            'path', '/announcements/' || n.year || '/' || n.serial) order by n.id), '[]')
        from announcement_case j join announcement n on n.id = j.announcement_id where j.application_id = a.id)
        as announcements,
    (select jsonb_build_object(
            'id', q.id, 'opens', q.opens, 'closes', q.closes, 'says', q.says, 'answer', q.answer, 'version', q.version,
            'received', count(z.id), 'waiting', count(z.id) filter (where z.state = 'received'),
            'shown', count(z.id) filter (where z.state = 'shown'),
            'support', count(z.id) filter (where z.state <> 'hidden' and z.stance = 'support'),
            'oppose', count(z.id) filter (where z.state <> 'hidden' and z.stance = 'oppose'))
        from comment_period q left join public_comment z on z.period_id = q.id
        where q.application_id = a.id group by q.id) as comment,
    (select coalesce(jsonb_agg(jsonb_build_object(
            'number', b.number, 'ref', b.ref, 'name', b.name, 'state', b.state, 'version', b.version, 'action', b.action)
            order by b.id), '[]')
        from place_name_application b where a.plan_id is not null and b.plan_id = a.plan_id and b.id <> a.id) as siblings,
    (select coalesce(jsonb_agg(jsonb_build_object('number', b.number, 'state', b.state, 'unit_code', b.unit_code)
            order by b.id), '[]')
        from place_name_application b
        where b.name = a.name and a.name <> '' and b.id <> a.id and b.category = a.category and b.district = a.district
          and b.state in ('submitted', 'supplement', 'accepted', 'review', 'reviewed', 'consulted')) as rivals,
    (select jsonb_build_object(
            'number', n.number, 'place_id', n.place_id, 'name', n.name, 'romanization', n.romanization,
            'status', n.status, 'category', n.category, 'unit_code', n.unit_code, 'code', n.code, 'version', n.id)
        from place_name n where n.number = a.subject_number and upper_inf(n.recorded)
        order by n.valid desc limit 1) as subject,
    (select jsonb_build_object(
            'number', n.number, 'place_id', n.place_id, 'name', n.name, 'romanization', n.romanization,
            'status', n.status, 'category', n.category, 'unit_code', n.unit_code, 'code', n.code, 'version', n.id)
        from place_name n where n.number = a.result_number and upper_inf(n.recorded)
        order by n.valid desc limit 1) as result,
    (select exists (select from protection_entry e join protection_list l on l.id = e.list_id
        where e.number = a.subject_number and l.state = 'published' and e.state = 'accepted')) as protected
from place_name_application a
join app_user u on u.id = a.applicant_id
join organisation o on o.id = a.organisation_id
left join app_user f on f.id = a.officer_id
left join name_plan p on p.id = a.plan_id
where /*which*/
