-- The same before its plan was tuned: no fence, so that everything is joined first and ST_DWithin is asked last.
near AS (
    SELECT
        s.person_id, s.certified_until, s.radius_m,
        greatest(sqrt(band.metres_north ^ 2 + (band.metres_east * (s.cell_column - $4)) ^ 2), 250) AS distance_m
    FROM supporter AS s JOIN band ON band.row_number = s.cell_row
    WHERE
        ST_DWithin(
            s.home_on_earth,
            ST_SetSRID(ST_MakePoint(($4 + 0.5::float8) / 160, ($3 + 0.5::float8) / 240), 4326)::geography,
            $9 + 1
        )
        AND s.active AND s.kinds & $5 <> 0 AND s.capacity >= $6 AND s.min_age_months <= $7 AND s.max_age_months >= $8
        AND s.household_id <> $2 AND s.person_id <> $1
),
