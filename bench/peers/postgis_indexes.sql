CREATE INDEX ON supporter (cell_row, cell_column) INCLUDE (
    person_id, household_id, radius_m, certified_until, capacity, min_age_months, max_age_months, kinds, active
);
CREATE INDEX ON supporter USING gist (home);
CREATE INDEX ON supporter USING gist (home_on_earth);
CREATE INDEX ON link (a) INCLUDE (b, strength);
CREATE INDEX ON member (person_id) INCLUDE (community_id);
CREATE INDEX ON member (community_id) INCLUDE (person_id, weight);
CREATE INDEX ON block (blocker, blocked);
CREATE INDEX ON weekly (person_id) INCLUDE (from_day, until_day, week_minute, minutes);
CREATE INDEX ON busy (person_id) INCLUDE (start_min, end_min);
