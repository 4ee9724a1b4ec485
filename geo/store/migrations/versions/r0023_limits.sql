-- 区划变更的期限以月计 (行政区划管理条例第十五、十七条).
alter table application_clock drop constraint application_clock_unit_known_check;
alter table application_clock add constraint application_clock_unit_known_check
    check (unit in ('calendar', 'working', 'month'));
-- The administrator's list of messages, the newest first; and the case that another system brought, by its own number.
create index webhook_delivery_created_ix on webhook_delivery (created, id);
create index place_name_application_external_ix on place_name_application ((external ->> 'system'), (external ->> 'id'))
    where external is not null;
