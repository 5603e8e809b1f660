-- {comments} comments of one site, every {every}th of them held, ten seconds apart. What each number
-- becomes is its hash, so two runs make the same rows.
SET synchronous_commit = off;
-- The rows fit each other, so nobody looks at the foreign keys of a million of them.
SET session_replication_role = replica;

CREATE TEMPORARY TABLE n AS
SELECT
    i,
    i % {every} = 0 AS held,
    timestamptz '2026-01-01 00:00Z' + i * interval '10 s' AS at,
    -- UUIDs of version 7, as ours are: the moment first, so that they lie in the order of time.
    (
        lpad(to_hex((1767225600 + i * 10)::bigint * 1000), 12, '0')
        || '7' || substr(md5('c' || i), 1, 3) || 'a' || substr(md5('c' || i), 4, 15)
    )::uuid AS id,
    md5('decision ' || i)::uuid AS decision,
    md5('story ' || i % 2000)::uuid AS story,
    md5('reader ' || i % 20000)::uuid AS reader
FROM generate_series(1, {comments}) AS i;

INSERT INTO stories (site_id, id, external_id, url, title, section, created_at)
SELECT
    '{site}', md5('story ' || i)::uuid, 'story-' || i, 'https://daily.example/' || i,
    'The story of the day, number ' || i, 'City', '2026-01-01'
FROM generate_series(0, 1999) AS i;

INSERT INTO commenters
    (site_id, id, external_id, name, approved, blocked, block_reason, created_at)
SELECT
    '{site}', md5('reader ' || i)::uuid, 'reader-' || i, 'Reader ' || i, 5, 0, '', '2026-01-01'
FROM generate_series(0, 19999) AS i;

INSERT INTO comments
    (site_id, id, story_id, commenter_id, external_id, status, revision, flags,
     posted_at, received_at, judged_at, failed, attempts, decision_id, urgency, worst, held_for)
SELECT
    '{site}', id, story, reader, 'c-' || i, CASE WHEN held THEN 'held' ELSE 'approved' END, 1, 0,
    at, at, at, false, 1, decision, i::bigint * 7919 / 64 % 4, i::bigint * 7919 % 1000 / 1000.0,
    CASE WHEN held THEN ' clause:personal-attacks language:en ' ELSE '' END
FROM n;

INSERT INTO revisions (site_id, comment_id, number, text, language, fingerprint, created_at)
SELECT
    '{site}', id, 1,
    rpad('', {length} / 2 + (i::bigint * 7919 % {length})::int, 'number ' || i || ' thinks nothing of it. '),
    'en', i, at
FROM n;

-- Scores and verdicts are those of a comment that was really judged.
INSERT INTO scores
    (site_id, comment_id, revision, model_version, model, attributes, worst, scored_at)
SELECT '{site}', n.id, 1, judged.model_version, judged.model, judged.attributes, judged.worst, n.at
FROM n, (SELECT * FROM scores LIMIT 1) AS judged;

INSERT INTO decisions
    (site_id, id, seq, comment_id, revision, status_before, status_after, actor,
     clause, policy_version, evidence, decided_at)
SELECT
    '{site}', n.decision, n.i + 1, n.id, 1, 'received',
    CASE WHEN n.held THEN 'held' ELSE 'approved' END, judged.actor,
    judged.clause, judged.policy_version, judged.evidence, n.at
FROM n, (SELECT * FROM decisions LIMIT 1) AS judged;

UPDATE sites SET decisions_seq = {comments} + 1 WHERE id = '{site}';
