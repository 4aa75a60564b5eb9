-- A job that cannot go on by itself at the moment: how often that was so, and when it tries again.
ALTER TABLE jobs ADD COLUMN holds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN held_until TEXT;

DROP TRIGGER jobs_ended_stay;
CREATE TRIGGER jobs_ended_stay BEFORE UPDATE OF
    id, task_id, service, state, position, created_at, updated_at, submitted_at, accepted_at,
    ended_at, model, first_sha256, last_sha256, group_id, retry_of, watching, cancel_asked,
    cap_waived, attempts, frame_form, result_url, result_id, file, seed, cost_micros,
    error_code, error_service_code, error_detail, draft, body, holds, held_until
ON jobs WHEN OLD.ended_at IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'a job that has ended never changes');
END;
