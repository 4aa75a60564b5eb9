-- The first schema. Enums are kept by their value, moments as ISO 8601 UTC with microseconds,
-- money as whole millionths of a US dollar, paths relative to the library folder.

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id TEXT NOT NULL UNIQUE CHECK (task_id <> ''),
    service TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN (
        'queued', 'submitting', 'unconfirmed', 'running', 'downloading',
        'done', 'failed', 'cancelled'
    )),
    position REAL NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    submitted_at TEXT,
    accepted_at TEXT,
    ended_at TEXT,
    model TEXT NOT NULL,
    first_sha256 TEXT NOT NULL DEFAULT '',
    last_sha256 TEXT NOT NULL DEFAULT '',
    group_id TEXT NOT NULL DEFAULT '',
    retry_of INTEGER REFERENCES jobs (id),
    watching INTEGER NOT NULL DEFAULT 1,
    cancel_asked INTEGER NOT NULL DEFAULT 0,
    cap_waived INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    frame_form TEXT NOT NULL DEFAULT '',
    result_url TEXT NOT NULL DEFAULT '',
    result_id TEXT NOT NULL DEFAULT '',
    file TEXT NOT NULL DEFAULT '',
    seed INTEGER,
    cost_micros INTEGER,
    error_code TEXT NOT NULL DEFAULT '',
    error_service_code TEXT NOT NULL DEFAULT '',
    error_detail TEXT NOT NULL DEFAULT '',
    draft TEXT NOT NULL CHECK (json_valid(draft)),
    -- Last, for it may hold a picture of megabytes: the columns before it are read without it.
    body TEXT NOT NULL DEFAULT '',
    CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'failed', 'cancelled')))
) STRICT;

CREATE INDEX jobs_active ON jobs (position, id) WHERE ended_at IS NULL;
CREATE INDEX jobs_history ON jobs (ended_at, id) WHERE ended_at IS NOT NULL;
CREATE INDEX jobs_by_state ON jobs (service, state);
CREATE INDEX jobs_charged ON jobs (service, coalesce(accepted_at, submitted_at, created_at));

CREATE TABLE job_events (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id),
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    before TEXT,
    after TEXT,
    facts TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(facts))
) STRICT;

CREATE INDEX job_events_by_job ON job_events (job_id, id);

CREATE TABLE videos (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id TEXT NOT NULL DEFAULT '',
    job_id INTEGER UNIQUE REFERENCES jobs (id),
    service TEXT NOT NULL,
    file TEXT NOT NULL CHECK (file <> ''),
    file_name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    made_at TEXT NOT NULL,
    took_s REAL,
    cost_micros INTEGER,
    seed INTEGER,
    group_id TEXT NOT NULL DEFAULT '',
    favourite INTEGER NOT NULL DEFAULT 0,
    seen INTEGER NOT NULL DEFAULT 0,
    missing INTEGER NOT NULL DEFAULT 0,
    trashed_at TEXT,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    film_duration_s REAL NOT NULL,
    fps REAL NOT NULL,
    frames INTEGER NOT NULL,
    codec TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    model TEXT NOT NULL,
    model_name TEXT NOT NULL,
    duration_s INTEGER NOT NULL,
    size TEXT NOT NULL,
    shape TEXT NOT NULL,
    prompt TEXT NOT NULL,
    draft TEXT NOT NULL CHECK (json_valid(draft))
) STRICT;

CREATE UNIQUE INDEX videos_by_task ON videos (task_id) WHERE task_id <> '';
CREATE INDEX videos_by_file ON videos (file);
CREATE INDEX videos_newest ON videos (made_at, id) WHERE trashed_at IS NULL;
CREATE INDEX videos_longest ON videos (film_duration_s, id) WHERE trashed_at IS NULL;
CREATE INDEX videos_dearest ON videos (coalesce(cost_micros, -1), id) WHERE trashed_at IS NULL;
CREATE INDEX videos_favourite ON videos (made_at, id) WHERE favourite = 1 AND trashed_at IS NULL;
CREATE INDEX videos_trashed ON videos (made_at, id) WHERE trashed_at IS NOT NULL;
CREATE INDEX videos_by_kind ON videos (service, model, duration_s, size, made_at);
CREATE INDEX videos_size ON videos (size_bytes) WHERE trashed_at IS NULL;

CREATE VIRTUAL TABLE video_words USING fts5 (
    prompt, model_name, file_name,
    content = 'videos', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);

CREATE TRIGGER videos_words_added AFTER INSERT ON videos BEGIN
    INSERT INTO video_words (rowid, prompt, model_name, file_name)
    VALUES (NEW.id, NEW.prompt, NEW.model_name, NEW.file_name);
END;

CREATE TRIGGER videos_words_removed AFTER DELETE ON videos BEGIN
    INSERT INTO video_words (video_words, rowid, prompt, model_name, file_name)
    VALUES ('delete', OLD.id, OLD.prompt, OLD.model_name, OLD.file_name);
END;

CREATE TRIGGER videos_words_changed AFTER UPDATE OF prompt, model_name, file_name ON videos BEGIN
    INSERT INTO video_words (video_words, rowid, prompt, model_name, file_name)
    VALUES ('delete', OLD.id, OLD.prompt, OLD.model_name, OLD.file_name);
    INSERT INTO video_words (rowid, prompt, model_name, file_name)
    VALUES (NEW.id, NEW.prompt, NEW.model_name, NEW.file_name);
END;

-- What has ended is history: only whether the list shows it may change.
CREATE TRIGGER jobs_ended_stay BEFORE UPDATE OF
    id, task_id, service, state, position, created_at, updated_at, submitted_at, accepted_at,
    ended_at, model, first_sha256, last_sha256, group_id, retry_of, watching, cancel_asked,
    cap_waived, attempts, frame_form, result_url, result_id, file, seed, cost_micros,
    error_code, error_service_code, error_detail, draft, body
ON jobs WHEN OLD.ended_at IS NOT NULL BEGIN
    SELECT RAISE(ABORT, 'a job that has ended never changes');
END;

-- A task id is a payment: a job gets a new one only when the old one was surely not accepted.
CREATE TRIGGER jobs_keep_their_task BEFORE UPDATE OF task_id ON jobs
WHEN NEW.task_id <> OLD.task_id AND NOT (OLD.state = 'submitting' AND NEW.state = 'queued') BEGIN
    SELECT RAISE(ABORT, 'a job keeps its task id unless it was surely not accepted');
END;

CREATE TRIGGER jobs_are_kept BEFORE DELETE ON jobs BEGIN
    SELECT RAISE(ABORT, 'jobs are never deleted');
END;

CREATE TRIGGER jobs_done_have_a_video BEFORE UPDATE OF state ON jobs
WHEN NEW.state = 'done' AND NOT EXISTS (SELECT 1 FROM videos WHERE job_id = NEW.id) BEGIN
    SELECT RAISE(ABORT, 'a job is done only together with its video');
END;

-- A job has one video for ever: neither taken away nor exchanged.
CREATE TRIGGER videos_keep_their_job BEFORE UPDATE OF job_id ON videos
WHEN OLD.job_id IS NOT NULL AND NEW.job_id IS NOT OLD.job_id BEGIN
    SELECT RAISE(ABORT, 'a video stays with its job');
END;

CREATE TABLE uploads (
    service TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    media_id TEXT NOT NULL,
    used_at TEXT NOT NULL,
    PRIMARY KEY (service, sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE drafts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    draft TEXT NOT NULL CHECK (json_valid(draft)),
    created_at TEXT NOT NULL,
    saved_at TEXT NOT NULL
) STRICT;

CREATE TABLE balances (
    service TEXT PRIMARY KEY,
    micros INTEGER NOT NULL,
    checked_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What the database knows of itself: how it was closed, when it was last checked.
CREATE TABLE upkeep (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
