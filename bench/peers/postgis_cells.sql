-- A B-tree on the number of the cell; rows of cells as ranges of it. No PostGIS at all.
near AS (
    SELECT
        s.person_id, s.certified_until, s.radius_m,
        greatest(sqrt(band.metres_north ^ 2 + (band.metres_east * (s.cell_column - $4)) ^ 2), 250) AS distance_m
    FROM band
    JOIN supporter AS s
        ON s.cell_row = band.row_number
        AND s.cell_column BETWEEN $4 - ceil(sqrt($9 ^ 2 - band.metres_north ^ 2) / band.metres_east)::int
        AND $4 + ceil(sqrt($9 ^ 2 - band.metres_north ^ 2) / band.metres_east)::int
    WHERE
        s.active AND s.kinds & $5 <> 0 AND s.capacity >= $6 AND s.min_age_months <= $7 AND s.max_age_months >= $8
        AND s.household_id <> $2 AND s.person_id <> $1
),
