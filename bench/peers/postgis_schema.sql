CREATE EXTENSION postgis;

CREATE AGGREGATE product(float8) (SFUNC = float8mul, STYPE = float8, INITCOND = '1');

CREATE UNLOGGED TABLE supporter (
    person_id int4, household_id int4, cell_row int4, cell_column int4,
    home geometry (Point, 4326), home_on_earth geography (Point, 4326), radius_m float8, certified_until int4,
    capacity int2, min_age_months int2, max_age_months int2, kinds int2, active bool
);
CREATE UNLOGGED TABLE link (a int4, b int4, strength float8);
CREATE UNLOGGED TABLE member (person_id int4, community_id int4, weight float8);
CREATE UNLOGGED TABLE block (blocker int4, blocked int4);
CREATE UNLOGGED TABLE weekly (person_id int4, from_day int4, until_day int4, week_minute int2, minutes int2);
CREATE UNLOGGED TABLE busy (person_id int4, start_min int4, end_min int4);
