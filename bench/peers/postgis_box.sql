-- A GiST index on points; the circle's box first, then the formula.
near AS (
    SELECT
        s.person_id, s.certified_until, s.radius_m,
        greatest(sqrt(band.metres_north ^ 2 + (band.metres_east * (s.cell_column - $4)) ^ 2), 250) AS distance_m
    FROM supporter AS s JOIN band ON band.row_number = s.cell_row
    WHERE
        s.home && ST_MakeEnvelope(
            ($4 + 0.5::float8) / 160 - $9 / 111000 / cos(radians(($3 + 0.5::float8) / 240)),
            ($3 + 0.5::float8) / 240 - $9 / 110500,
            ($4 + 0.5::float8) / 160 + $9 / 111000 / cos(radians(($3 + 0.5::float8) / 240)),
            ($3 + 0.5::float8) / 240 + $9 / 110500
        )
        AND s.active AND s.kinds & $5 <> 0 AND s.capacity >= $6 AND s.min_age_months <= $7 AND s.max_age_months >= $8
        AND s.household_id <> $2 AND s.person_id <> $1
),
