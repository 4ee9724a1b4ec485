-- Coordinates of a survey share no bytes worth packing: PostgreSQL tried for longer than it wrote, and kept as much.
alter table submission_feature alter column geometry set storage external;
alter table finding alter column geometry set storage external;
