-- {comments} comments of the last {days} days at the five papers that there are, every {every}th held.
-- What each becomes is a hash of its number, so that two runs make the same. Scores, verdicts and what
-- the queue sorts by are those of comments that were really judged (`kinds`), and so is how a text
-- begins, in which these verdicts have found something.
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';
SET work_mem = '256MB';
-- The rows fit each other, so nobody looks at the foreign keys of a million of them.
SET session_replication_role = replica;

-- A number from 0 to 1, the same each time for the same two.
CREATE FUNCTION pg_temp.chance(i bigint, what bigint) RETURNS double precision
    IMMUTABLE LANGUAGE sql AS 'SELECT (hashint8extended(i, what) & 16777215) / 16777216.0::double precision';

-- Indexes are made when the rows are there, as a restored backup makes them.
CREATE TEMPORARY TABLE left_out AS
SELECT indexname AS name, indexdef AS made FROM pg_indexes
WHERE schemaname = 'public'
    AND tablename IN ('comments', 'revisions', 'scores', 'spans', 'decisions', 'flags', 'commenters', 'strikes')
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname);
DO 'DECLARE one text; BEGIN
    FOR one IN SELECT name FROM left_out LOOP EXECUTE format(''DROP INDEX %I'', one); END LOOP; END';

CREATE TEMPORARY TABLE papers AS
SELECT id AS site, decisions_seq, upto - share AS from_share, upto AS to_share
FROM (
    SELECT id, decisions_seq, share, sum(share) OVER (ORDER BY nth) AS upto
    FROM (SELECT id, decisions_seq, row_number() OVER (ORDER BY id = '{site}' DESC, slug) AS nth FROM sites) AS ours
    JOIN (VALUES (1, 0.55), (2, 0.2), (3, 0.12), (4, 0.08), (5, 0.05)) AS shares (nth, share) USING (nth)
) AS shared;

CREATE TEMPORARY TABLE kinds AS
SELECT
    row_number() OVER (PARTITION BY c.status ORDER BY c.id) - 1 AS nth, count(*) OVER (PARTITION BY c.status) AS of_them,
    c.status, c.urgency, c.worst, c.held_for, r.text, r.language, s.model, s.model_version, s.attributes,
    s.worst AS score, p.asked, p.found, d.clause, d.policy_version, d.evidence
FROM comments AS c
JOIN revisions AS r ON r.comment_id = c.id
JOIN scores AS s ON s.comment_id = c.id
JOIN decisions AS d ON d.comment_id = c.id
LEFT JOIN spans AS p ON p.comment_id = c.id;

-- Common words, about as often as they stand in print, among rare ones.
CREATE TEMPORARY TABLE words AS
SELECT word, nth - 1 AS nth FROM unnest(string_to_array('{words}', ' ')) WITH ORDINALITY AS given (word, nth);
CREATE TEMPORARY TABLE rare AS
SELECT
    i, (SELECT string_agg(part, '' ORDER BY k) FROM (
        SELECT k, (string_to_array('{syllables}', ' '))[1 + (23 * pg_temp.chance(i, k))::int] AS part
        FROM generate_series(1, 2 + (2 * pg_temp.chance(i, 9))::int) AS k
    ) AS parts) AS word
FROM generate_series(0, 19999) AS i;
CREATE TEMPORARY TABLE sentences AS
SELECT s AS i, string_agg(coalesce(rare.word, words.word), ' ' ORDER BY k) || '.' AS said
FROM generate_series(0, 29999) AS s
CROSS JOIN LATERAL generate_series(1, 4 + (12 * pg_temp.chance(s, 0))::int) AS k
LEFT JOIN rare ON pg_temp.chance(s, k) < 0.13 AND rare.i = (19999 * pg_temp.chance(s, -k))::int
LEFT JOIN words ON words.nth = power((SELECT max(nth) FROM words), pg_temp.chance(s, -k))::int
GROUP BY s;

CREATE TEMPORARY TABLE n AS
WITH came AS (
    SELECT
        i, timestamptz '{until}' - ({comments} - i) * interval '{days} days' / {comments} AS at,
        CASE
            WHEN i % {every} = 0 THEN 'held' WHEN pg_temp.chance(i, 1) < 0.06 THEN 'let through'
            WHEN pg_temp.chance(i, 1) < 0.1 THEN 'taken out' WHEN pg_temp.chance(i, 1) < 0.11 THEN 'blocked'
            ELSE 'approved'
        END AS fate,
        pg_temp.chance(i, 2) AS which
    FROM generate_series(1, {comments}) AS i
), placed AS (
    SELECT came.*, site, row_number() OVER (PARTITION BY site ORDER BY i) AS nth
    FROM came JOIN papers ON which >= from_share AND which < to_share
), found AS (
    SELECT
        placed.*,
        -- UUIDs of version 7, as ours are: the moment first, so that they lie in the order of time.
        (
            lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')
            || '7' || substr(md5('c' || i), 1, 3) || 'a' || substr(md5('c' || i), 4, 15)
        )::uuid AS id,
        -- One comment of fifty is under the story that everybody reads.
        CASE WHEN i % 50 < 49 THEN 1 + nth / 400 - (5 * pg_temp.chance(i, 3) * (nth > 2400)::int)::int ELSE 0 END AS story_nth,
        -- A few write much.
        (40000 * power(pg_temp.chance(i, 4), 2))::int AS reader_nth,
        pg_temp.chance(i, 5) AS tray_chance, (pg_temp.chance(i, 6) < CASE fate WHEN 'held' THEN 0.02 ELSE 0.002 END)::int AS flags,
        md5('decision ' || i)::uuid AS verdict, md5('person ' || i)::uuid AS act,
        least(at + power(pg_temp.chance(i, 7), 3) * interval '12 hours', timestamptz '{until}') AS acted_at
    FROM placed
)
SELECT
    found.*, md5(site::text || 'story ' || story_nth)::uuid AS story, md5(site::text || 'reader ' || reader_nth)::uuid AS reader,
    CASE WHEN pg_temp.chance(i, 8) < 0.35
        THEN lag(id, 1 + (4 * pg_temp.chance(i, 9))::int) OVER (PARTITION BY site, story_nth ORDER BY i) END AS parent,
    kinds.nth AS kind, kinds.status AS judged
FROM found
JOIN kinds ON kinds.status = CASE WHEN fate IN ('let through', 'taken out') THEN 'held' ELSE fate END
    AND kinds.nth = i / {every} % kinds.of_them;

INSERT INTO stories (site_id, id, external_id, url, title, section, created_at)
SELECT
    site, story, 'story-' || story_nth, 'https://daily.example/' || story_nth,
    'The story of the day, number ' || story_nth, 'City', min(at)
FROM n GROUP BY site, story, story_nth;

INSERT INTO commenters
    (site_id, id, external_id, name, approved, blocked, block_reason, created_at)
SELECT
    site, reader, 'reader-' || reader_nth, initcap(one.word) || ' ' || initcap(other.word),
    count(*) FILTER (WHERE fate IN ('approved', 'let through')), count(*) FILTER (WHERE fate IN ('blocked', 'taken out')),
    '', min(at)
FROM n
JOIN rare AS one ON one.i = reader_nth % 2000 JOIN rare AS other ON other.i = reader_nth % 20000
GROUP BY site, reader, reader_nth, one.word, other.word;

INSERT INTO comments
    (site_id, id, story_id, commenter_id, parent_id, external_id, status, revision, decision_id, flags,
     posted_at, received_at, judged_at, failed, tray, move_id, moved_by, urgency, worst, held_for, attempts)
SELECT
    site, id, story, reader, parent, 'c-' || i,
    CASE fate WHEN 'let through' THEN 'approved' WHEN 'taken out' THEN 'blocked' ELSE fate END, 1,
    CASE WHEN fate IN ('let through', 'taken out') THEN act ELSE verdict END, flags,
    at, at, greatest(at, CASE WHEN fate IN ('let through', 'taken out') THEN acted_at END), false,
    lies.tray, CASE WHEN lies.tray <> 'waiting' THEN md5('move ' || i)::uuid END,
    CASE WHEN lies.tray <> 'waiting' THEN '{ana}'::uuid END,
    CASE WHEN flags > 0 THEN least(1, kinds.urgency) WHEN pg_temp.chance(i, 10) < 0.3 THEN least(3, kinds.urgency + 1) ELSE kinds.urgency END,
    kinds.worst * (0.9 + 0.1 * pg_temp.chance(i, 11)), kinds.held_for, 1
FROM n
JOIN kinds ON kinds.status = n.judged AND kinds.nth = n.kind,
    LATERAL (SELECT CASE
        WHEN fate <> 'held' OR tray_chance > 0.04 THEN 'waiting' WHEN tray_chance > 0.01 THEN 'later' ELSE 'escalated'
    END AS tray) AS lies;

INSERT INTO moves (site_id, id, comment_id, revision, tray_before, tray_after, concern, note, moderator_id, moved_at)
SELECT
    site_id, move_id, id, 1, 'waiting', tray, CASE tray WHEN 'escalated' THEN 'legal' END,
    'Somebody else should look at this one.', moved_by, received_at + interval '1 minute'
FROM comments WHERE move_id IS NOT NULL;

INSERT INTO revisions (site_id, comment_id, number, text, language, fingerprint, created_at)
SELECT
    site, id, 1,
    left(repeat(concat_ws(' ', CASE judged WHEN 'held' THEN kinds.text END, a.said, b.said, c.said, d.said, 'n' || n.i), {times}), 10000),
    kinds.language, hashint8extended(n.i, 12), at
FROM n
JOIN kinds ON kinds.status = n.judged AND kinds.nth = n.kind
JOIN sentences AS a ON a.i = (29999 * pg_temp.chance(n.i, 13))::int
LEFT JOIN sentences AS b ON n.i % 3 > 0 AND b.i = (29999 * pg_temp.chance(n.i, 14))::int
LEFT JOIN sentences AS c ON n.i % 5 > 1 AND c.i = (29999 * pg_temp.chance(n.i, 15))::int
LEFT JOIN sentences AS d ON n.i % 7 > 3 AND d.i = (29999 * pg_temp.chance(n.i, 16))::int;

INSERT INTO scores (site_id, comment_id, revision, model_version, model, attributes, worst, scored_at)
SELECT site, id, 1, model_version, model, attributes, score, at
FROM n JOIN kinds ON kinds.status = n.judged AND kinds.nth = n.kind;

INSERT INTO spans (site_id, comment_id, revision, model_version, asked, found, tries)
SELECT site, id, 1, model_version, asked, found, 1
FROM n JOIN kinds ON kinds.status = n.judged AND kinds.nth = n.kind
WHERE found IS NOT NULL AND fate = 'held';

INSERT INTO flags (site_id, comment_id, reader_hash, reason, flagged_at)
SELECT site, id, md5('flag ' || i), 'offensive', at + interval '1 minute' FROM n WHERE flags > 0;

INSERT INTO strikes (site_id, comment_id, commenter_id, expires_at)
SELECT site, id, reader, acted_at + interval '90 days' FROM n WHERE fate = 'taken out';

INSERT INTO decisions
    (site_id, id, seq, comment_id, revision, status_before, status_after, actor, moderator_id,
     clause, policy_version, evidence, decided_at)
SELECT
    site, one.id, decisions_seq + row_number() OVER (PARTITION BY site ORDER BY decided_at, actor DESC), comment, 1, before, after,
    actor, CASE actor WHEN 'moderator' THEN '{ana}'::uuid END, clause, policy_version, evidence, decided_at
FROM (
    SELECT site, verdict AS id, n.id AS comment, 'received' AS before, judged AS after, 'policy' AS actor,
        clause, policy_version, evidence, at AS decided_at
    FROM n JOIN kinds ON kinds.status = n.judged AND kinds.nth = n.kind
    UNION ALL
    SELECT site, act, n.id, 'held', CASE fate WHEN 'taken out' THEN 'blocked' ELSE 'approved' END, 'moderator',
        CASE fate WHEN 'taken out' THEN clause END, policy_version, jsonb_build_object(), acted_at
    FROM n JOIN kinds ON kinds.status = n.judged AND kinds.nth = n.kind
    WHERE fate IN ('let through', 'taken out')
) AS one
JOIN papers USING (site);

UPDATE sites SET decisions_seq = (SELECT coalesce(max(seq), 0) FROM decisions WHERE site_id = sites.id);

DO 'DECLARE one text; BEGIN FOR one IN SELECT made FROM left_out LOOP EXECUTE one; END LOOP; END';
