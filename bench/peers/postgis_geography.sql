-- A GiST index on geography and ST_DWithin, as the manual says; fenced, so that it is asked first.
inside AS MATERIALIZED (
    SELECT s.person_id, s.certified_until, s.radius_m, s.cell_row, s.cell_column
    FROM supporter AS s
    WHERE
        ST_DWithin(
            s.home_on_earth,
            ST_SetSRID(ST_MakePoint(($4 + 0.5::float8) / 160, ($3 + 0.5::float8) / 240), 4326)::geography,
            $9 + 1
        )
        AND s.active AND s.kinds & $5 <> 0 AND s.capacity >= $6 AND s.min_age_months <= $7 AND s.max_age_months >= $8
        AND s.household_id <> $2 AND s.person_id <> $1
),
near AS (
    SELECT
        s.person_id, s.certified_until, s.radius_m,
        greatest(sqrt(band.metres_north ^ 2 + (band.metres_east * (s.cell_column - $4)) ^ 2), 250) AS distance_m
    FROM inside AS s JOIN band ON band.row_number = s.cell_row
),
