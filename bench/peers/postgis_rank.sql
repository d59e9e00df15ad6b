-- One request ranked in one statement: what `MatchingIndex.rank` gives, asks first, then suggestions.
-- $1 requester, $2 household, $3 row and $4 column of the half-mesh cell, $5 kind, $6 children, $7 youngest and
-- $8 oldest in months, $9 limit in metres, $10 start and $11 end in UTC minutes, $12 buffer, $13 first minute of the
-- window on the wall clock, $14 the minute of the week a day before it. `link` holds only friendships that count: none
-- with a suspended account or across a block.
WITH band AS MATERIALIZED (
    -- The rows of cells within reach, each with its metres per row and per column (WGS84, mid-latitude).
    SELECT
        row_number, metres_north,
        6378137 / sqrt(1 - 0.0066943799901413165 * sin(middle) ^ 2) * cos(middle) * radians(1 / 160::float8) AS metres_east
    FROM generate_series($3 - (($9 / 110500 * 240)::int + 1), $3 + (($9 / 110500 * 240)::int + 1)) AS row_number
    CROSS JOIN LATERAL (SELECT radians((row_number + $3 + 1) / 480::float8) AS middle) AS angle
    CROSS JOIN LATERAL (
        SELECT
            6378137 * (1 - 0.0066943799901413165) / (1 - 0.0066943799901413165 * sin(middle) ^ 2) ^ 1.5
            * radians((row_number - $3) / 240::float8) AS metres_north
    ) AS north
    WHERE abs(metres_north) <= $9
),
reach AS MATERIALIZED (
    -- Everyone the requester is tied to: what doubt is left, and whether they are no stranger.
    SELECT person_id, product(1 - trust) AS doubt
    FROM (
        SELECT b AS person_id, strength AS trust FROM link WHERE a = $1
        UNION ALL
        SELECT onward.b, 0.5 * first.strength * onward.strength
        FROM link AS first JOIN link AS onward ON onward.a = first.b
        WHERE first.a = $1
        UNION ALL
        SELECT theirs.person_id, theirs.weight
        FROM member AS mine JOIN member AS theirs ON theirs.community_id = mine.community_id
        WHERE mine.person_id = $1
    ) AS tie
    GROUP BY person_id
),
-- (how the near ones are found)
eligible AS MATERIALIZED (
    SELECT near.person_id, near.distance_m, 1 - coalesce(reach.doubt, 1) AS trust
    FROM near LEFT JOIN reach ON reach.person_id = near.person_id
    WHERE
        near.distance_m <= least($9, near.radius_m)
        AND (reach.person_id IS NOT NULL OR near.certified_until >= $11)
        AND NOT EXISTS (SELECT FROM block WHERE block.blocker = $1 AND block.blocked = near.person_id)
        AND NOT EXISTS (SELECT FROM block WHERE block.blocker = near.person_id AND block.blocked = $1)
),
free AS (
    SELECT eligible.*, coalesce(minutes.free, 0) AS free_minutes
    FROM eligible
    CROSS JOIN LATERAL (
        -- What weekly hours offer: of each entry the one occurrence that starts less than a day before the window.
        SELECT range_agg(int4range(greatest(low, 0), least(low + w.minutes, ($11 - $10)))) AS hours
        FROM weekly AS w
        CROSS JOIN LATERAL (SELECT (w.week_minute - $14 + 10080) % 10080 - 1440 AS low) AS l
        WHERE
            w.person_id = eligible.person_id AND low < $11 - $10 AND low + w.minutes > 0
            AND ($13 + low) / 1440 BETWEEN w.from_day AND w.until_day
    ) AS offered
    CROSS JOIN LATERAL (
        SELECT range_agg(int4range(b.start_min - $12 - $10, b.end_min + $12 - $10)) AS hours
        FROM busy AS b
        WHERE
            b.person_id = eligible.person_id AND b.start_min < $11 + $12 AND b.end_min > $10 - $12
    ) AS taken
    CROSS JOIN LATERAL (
        SELECT sum(upper(part) - lower(part))::int AS free
        FROM unnest(offered.hours - coalesce(taken.hours, '{}'::int4multirange)) AS part
    ) AS minutes
    WHERE offered.hours IS NOT NULL
),
scored AS MATERIALIZED (
    SELECT
        free.*,
        0.35 * exp(distance_m / -1000) + 0.4 * trust + 0.25 * (free_minutes / ($11 - $10)::float8) AS score
    FROM free
    WHERE 2 * free_minutes >= $11 - $10
),
best AS (
    (SELECT *, false AS suggestion FROM scored WHERE free_minutes = $11 - $10
     ORDER BY round(score * 1e9) DESC FETCH FIRST 20 ROWS WITH TIES)
    UNION ALL
    (SELECT *, true FROM scored WHERE free_minutes < $11 - $10
     ORDER BY round(score * 1e9) DESC FETCH FIRST 20 ROWS WITH TIES)
),
placed AS (
    SELECT
        best.*,
        row_number() OVER (
            PARTITION BY suggestion ORDER BY round(score * 1e9) DESC, coalesce(booked.minutes, 0), best.person_id
        ) AS place
    FROM best
    CROSS JOIN LATERAL (
        SELECT sum(upper(part) - lower(part)) AS minutes
        FROM (
            SELECT range_agg(int4range(greatest(b.start_min, $10 - 40320), least(b.end_min, $10))) AS hours
            FROM busy AS b
            WHERE b.person_id = best.person_id AND b.start_min < $10 AND b.end_min > $10 - 40320
        ) AS before
        CROSS JOIN LATERAL unnest(before.hours) AS part
    ) AS booked
)
SELECT person_id, score, distance_m, trust, free_minutes, suggestion
FROM placed
WHERE place <= 20
ORDER BY suggestion, place
