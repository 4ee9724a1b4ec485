-- What a search must know beforehand of the register, the common keys and what units are called, is kept by the processes
-- that search for as long as the sum of these numbers is the same. A change takes out the rows that nobody else is
-- changing and adds one of its own, drawn by lot: whatever order changes are committed in, each of them makes another
-- sum, and none waits for another.
create table published.search_stamp (stamp bigint not null);
insert into published.search_stamp (stamp) values (cast(random() * 9e15 as bigint));

grant select on published.search_stamp to yudi_public, yudi_app;
grant insert, update, delete on published.search_stamp to yudi_app;

create function yudi_stamp_search() returns trigger language plpgsql as $$
begin
    insert into published.search_stamp (stamp) values (cast(random() * 9e15 as bigint));
    return null;
end $$;
-- What units are called is written in several places; none of them need think of it.
create trigger admin_unit_search_stamp after insert or update or delete on admin_unit
    for each statement execute function yudi_stamp_search();
