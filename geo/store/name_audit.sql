-- The standing names of a unit, each with the others of its category that are alike in any way inside the legal
-- scope: the nation, the province, the county, the built-up area (else the township), the township. Candidates
-- come by shared keys (name_shape) of name, specific part and sound; the rules decide what they are.
with moved as materialized (
    -- Townships that lie in another county than their code says.
    select code, parent_code from admin_unit
    where level = 'township' and upper_inf(recorded) and valid @> cast(:at as date) and parent_code <> left(code, 6)
),
standing as materialized (
    select distinct on (n.number) n.number, n.name, n.category, n.status, n.unit_code, n.geometry, n.readings, n.names_unit,
           case
               when n.category = any(cast(:nation as text[])) then ''
               when n.category = any(cast(:province as text[])) then left(n.unit_code, 2)
               when n.category = any(cast(:township as text[])) then left(n.unit_code, 9)
               when n.category = any(cast(:built_up as text[])) then coalesce(
                   (select 'b' || min(b.id) from built_up_area b
                    where upper_inf(b.recorded) and b.valid @> cast(:at as date) and st_intersects(b.geometry, n.geometry)),
                   left(n.unit_code, 9))
               else coalesce(m.parent_code, left(n.unit_code, 6))
           end as scope
    from place_name n left join moved m on m.code = left(n.unit_code, 9)
    where upper_inf(n.recorded) and n.valid @> cast(:at as date) and n.status in ('standard', 'approved')
    order by n.number, n.id desc
),
keyed as materialized (
    select t.number, t.category, t.scope, k.key
    from standing t join name_shape s on s.name = t.name and s.category = t.category
    cross join unnest(s.keys) k (key)
    where substr(k.key, 2, 1) in ('n', 's', 'p')
),
pairs as (
    select distinct a.number, b.number as other
    from keyed a join keyed b using (category, scope, key)
    where b.number <> a.number
),
met as (
    select number, array_agg(other order by other) as others
    from (select *, row_number() over (partition by number order by other) as place from pairs) p
    where place <= 100 group by number
)
select t.number, t.name, t.category, t.status, t.unit_code, t.readings, t.names_unit, coalesce(m.others, '{}') as others
from standing t left join met m using (number)
-- A name that another one of the unit meets may lie outside it, so all are read and the unit chooses last.
where /*within*/
order by t.unit_code, t.number
