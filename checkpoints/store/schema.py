"""Every table of the store but the saver's own and those that are made with their first use."""

from __future__ import annotations

import sqlalchemy as sa

from ...models.reply import Usage
from ..saver.database.schema import BYTES

METADATA = sa.MetaData()

VERSION = sa.Table(
    "schema_version",
    METADATA,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("applied", sa.Text, nullable=False),
)
"""One row for each migration that was applied."""

BLOB = sa.Table(
    "blob",
    METADATA,
    sa.Column("digest", BYTES, primary_key=True),
    sa.Column("data", BYTES, nullable=False),
    sqlite_with_rowid=False,
)
"""Whole texts under their digest, for the ledger and for what was imported."""

RUNS = sa.Table(
    "run",
    METADATA,
    sa.Column("run_id", sa.String(32), primary_key=True),
    sa.Column("plan", sa.JSON, nullable=False),
    sa.Column("catalog", sa.Text, nullable=False),
    sa.Column("created", sa.String(32), nullable=False),
)

THREADS = sa.Table(
    "conversation",
    METADATA,
    sa.Column("thread_id", sa.String(64), primary_key=True),
    sa.Column("run_id", sa.String(32), nullable=False, index=True),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("parent", sa.String(64), index=True),
    sa.Column("fork", sa.JSON),
    sa.Column("config", sa.JSON, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("turns", sa.Integer, nullable=False),
    sa.Column("retries", sa.Integer, nullable=False),
    sa.Column("error", sa.JSON),
    sa.Column("category", sa.String(1)),
    sa.Column("specificity", sa.String(2)),
    sa.Column("altered", sa.Boolean, nullable=False),
    sa.Column("created", sa.String(32), nullable=False),
    sa.Column("updated", sa.String(32), nullable=False),
)

RUN_SESSIONS = sa.Table(
    "run_session",
    METADATA,
    sa.Column("run_id", sa.String(32), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("thread_id", sa.String(64), nullable=False, index=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("country", sa.Text),
    sa.Column("age_group", sa.Text),
    sa.Column("gender", sa.Text),
)
"""Which sessions a run covers, in its order, and how the conversation on each stands: `pending` until it is begun."""

LEASES = sa.Table(
    "lease",
    METADATA,
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("holder", sa.Text, nullable=False, index=True),
    sa.Column("until", sa.String(32), nullable=False),
)
"""Jobs that somebody is at work on. `holder`: machine, process and a word of its own; `until`: a time as `now` gives
it."""

RUN_NAMES = sa.Table(
    "run_name",
    METADATA,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("run_id", sa.String(32), nullable=False, index=True),
    sa.Column("created", sa.String(32), nullable=False),
)

RUN_STARTS = sa.Table(
    "run_start",
    METADATA,
    sa.Column("run_id", sa.String(32), primary_key=True),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("updated", sa.String(32), nullable=False),
)
"""How a run was last started: what it takes to go on with it from its id alone."""

LEDGER = sa.Table(
    "ledger",
    METADATA,
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("thread_id", sa.String(64), nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("agent", sa.String(16), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("params", sa.Text, nullable=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("request_digest", sa.String(32), nullable=False),
    sa.Column("request", sa.LargeBinary, nullable=False),
    sa.Column("reply", sa.LargeBinary, nullable=False),
    sa.Column("finish", sa.String(16), nullable=False),
    *(sa.Column(f"{kind}_tokens", sa.Integer, nullable=False) for kind in Usage.model_fields),
    sa.Column("latency", sa.Float, nullable=False),
    sa.Column("created", sa.String(32), nullable=False),
)
"""`request` lists the digests of the blobs with the request's head and messages; `reply` is such a digest."""

LEDGER_SUMS = sa.Index(
    "ledger_sums",
    LEDGER.c.thread_id,
    LEDGER.c.model,
    LEDGER.c.agent,
    LEDGER.c.turn,
    *(LEDGER.c[f"{kind}_tokens"] for kind in Usage.model_fields),
    LEDGER.c.latency,
)
"""All that calls are summed by and for: sums read it alone, and it lies in the order in which conversations are
summed."""

ANSWERED = sa.Table(
    "answered",
    METADATA,
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("model", sa.Text, nullable=False),
)
"""Calls that another model answered than was asked, by the name that its provider gives it."""

ESTIMATED = sa.Table("estimated", METADATA, sa.Column("key", sa.String(32), primary_key=True))
"""Calls whose tokens nobody counted: they are estimated from lengths."""

SHARED_CALLS = sa.Table(
    "shared_calls",
    METADATA,
    sa.Column("thread_id", sa.String(64), primary_key=True),
    sa.Column("keys", sa.JSON, nullable=False),
)
"""Calls behind a conversation that another one asked first, as they were when it ended; without a row it is not
known which."""

UPLOADS = sa.Table(
    "upload",
    METADATA,
    sa.Column("account", sa.String(32), primary_key=True),
    sa.Column("digest", sa.String(32), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("uri", sa.Text, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Column("created", sa.String(32), nullable=False),
)
"""The newest upload of each medium by account: a digest of key and address."""

CACHES = sa.Table(
    "prefix_cache",
    METADATA,
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("account", sa.String(32), nullable=False),
    sa.Column("thread_id", sa.String(64), nullable=False, index=True),
    sa.Column("agent", sa.String(16), nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("digests", sa.JSON, nullable=False),
    *(sa.Column(f"{kind}_tokens", sa.Float, nullable=False) for kind in ("text", "image", "audio")),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("expires", sa.Float, nullable=False),
    sa.Column("ended", sa.Float),
)
"""Explicit caches, the ended ones too: what was paid for making and keeping each is told from its row."""

BATCH_JOBS = sa.Table(
    "batch_job",
    METADATA,
    sa.Column("label", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(128)),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("keys", sa.JSON, nullable=False),
    sa.Column("state", sa.Text),
    sa.Column("created", sa.String(32), nullable=False),
    sa.Column("ended", sa.String(32)),
)
"""Batch jobs. Without a name: planned, and nobody noted whether it was begun."""

BATCH_CALLS = sa.Table(
    "batch_call",
    METADATA,
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("label", sa.String(64), nullable=False, index=True),
)
"""The job in which a call's answer is, or is awaited."""

DELIVERY_NOTES = sa.Table(
    "delivery",
    METADATA,
    sa.Column("key", sa.String(32), primary_key=True),
    sa.Column("thread_id", sa.String(64), nullable=False, index=True),
    sa.Column("cache", sa.String(128)),
    *(sa.Column(f"cached_{kind}", sa.Float, nullable=False) for kind in ("text", "image", "audio")),
    sa.Column("batch", sa.Boolean, nullable=False),
)
"""How calls went out that did not go out plainly, by their key in the ledger."""

IMPORTED = sa.Table(
    "imported",
    METADATA,
    sa.Column("thread_id", sa.String(64), primary_key=True),
    sa.Column("split", sa.Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("row", sa.LargeBinary, nullable=False),
    sa.Column("extra", sa.LargeBinary),
    sa.Column("tracks", sa.LargeBinary, nullable=False),
)
"""`row` and `extra` are digests of blobs; `tracks` lists those of the blobs with the tracks' metadata."""

STUDIES = sa.Table(
    "study",
    METADATA,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("plan", sa.JSON, nullable=False),
    sa.Column("created", sa.String(32), nullable=False),
)
"""Human studies, each with what it asks and of whom; all that belongs to one names it."""

STUDY_ITEMS = sa.Table(
    "study_item",
    METADATA,
    sa.Column("study", sa.String(80), primary_key=True),
    sa.Column("item", sa.String(32), primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("case_id", sa.Text, nullable=False),
    sa.Column("turns", sa.JSON, nullable=False),
    sa.Column("expected", sa.Integer),
)
"""Conversations as raters are shown them. `kind` and `case_id` are a judgement's `source` and `case_id`; `expected` is
the answer to every question about a conversation that checks whether it is read."""

STUDY_RATERS = sa.Table(
    "study_rater",
    METADATA,
    sa.Column("study", sa.String(80), primary_key=True),
    sa.Column("rater", sa.String(80), primary_key=True),
    sa.Column("token", sa.String(64), unique=True),
    sa.Column("created", sa.String(32), nullable=False),
)
"""`token` is the digest of the secret in a rater's link; None where there is no link."""

STUDY_TASKS = sa.Table(
    "study_task",
    METADATA,
    sa.Column("study", sa.String(80), primary_key=True),
    sa.Column("rater", sa.String(80), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("items", sa.JSON, nullable=False),
)
"""What each rater is shown, in order: one conversation, or two to compare."""

STUDY_RATINGS = sa.Table(
    "study_rating",
    METADATA,
    sa.Column("study", sa.String(80), primary_key=True),
    sa.Column("rater", sa.String(80), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("question", sa.String(40), primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
    sa.Column("created", sa.String(32), nullable=False),
    sa.Column("updated", sa.String(32), nullable=False),
)
"""Turn 0 is the whole conversation. A rater who thinks again changes the row."""
