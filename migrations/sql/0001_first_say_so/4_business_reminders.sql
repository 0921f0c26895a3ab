-- Words with gaps in them, the rules by which bookings are spoken of by themselves, and what they plan.

-- A text with its gaps filled, in one pass: what a value says is never looked at for gaps again.
CREATE FUNCTION filled(words text, given jsonb) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT string_agg(t.part || coalesce(given ->> g.name[1], ''), '' ORDER BY t.place)
    FROM regexp_split_to_table(words, '\{\{\s*[a-z_]+\s*\}\}') WITH ORDINALITY t (part, place)
    LEFT JOIN regexp_matches(words, '\{\{\s*([a-z_]+)\s*\}\}', 'g') WITH ORDINALITY g (name, place) ON g.place = t.place
$$;

CREATE TABLE template (
    id uuid CONSTRAINT pk_template PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    name text NOT NULL,
    channel text NOT NULL CONSTRAINT ck_template_channel CHECK (channel IN ('whatsapp', 'sms', 'email')),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, name),
    UNIQUE (workspace_id, id)
);

CREATE TABLE template_version (
    id uuid CONSTRAINT pk_template_version PRIMARY KEY,
    workspace_id uuid NOT NULL,
    template_id uuid NOT NULL,
    version integer NOT NULL CONSTRAINT ck_template_version_version CHECK (version >= 1),
    subject text,
    body text NOT NULL,
    approved jsonb CONSTRAINT ck_template_version_approved CHECK (approved IS NULL OR coalesce(approved ->> 'content_sid' ~ '^HX[0-9a-f]{32}$', false)),
    written_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (template_id, version),
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, template_id) REFERENCES template (workspace_id, id)
);
COMMENT ON TABLE template_version IS 'never changed: other words are another version';
COMMENT ON COLUMN template_version.approved IS 'of words that WhatsApp approved: its template, the language, the words with numbers, and the gap that each number is';

CREATE TABLE reminder_rule (
    id uuid CONSTRAINT pk_reminder_rule PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    event text NOT NULL CONSTRAINT ck_reminder_rule_event CHECK (event IN ('booking_confirmed', 'booking_start', 'booking_completed')),
    offset_minutes integer NOT NULL CONSTRAINT ck_reminder_rule_offset CHECK (offset_minutes BETWEEN 0 AND 527040),
    version_id uuid NOT NULL,
    asked_by_name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, version_id) REFERENCES template_version (workspace_id, id)
);
COMMENT ON TABLE reminder_rule IS 'in force once a person has allowed it: then a standing approval names it';

CREATE TABLE reminder (
    id uuid CONSTRAINT pk_reminder PRIMARY KEY,
    workspace_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    about timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'planned' CONSTRAINT ck_reminder_state CHECK (state IN ('planned', 'asked', 'cancelled', 'skipped')),
    why text,
    intent_id uuid UNIQUE,
    said_at timestamptz,
    CONSTRAINT uq_reminder_once UNIQUE (booking_id, rule_id, about),
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, booking_id) REFERENCES booking (workspace_id, id),
    FOREIGN KEY (workspace_id, rule_id) REFERENCES reminder_rule (workspace_id, id),
    FOREIGN KEY (workspace_id, intent_id) REFERENCES intent (workspace_id, id) ON DELETE SET NULL (intent_id) DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON COLUMN reminder.about IS 'the start that the booking had: one reminder of a rule for each, whatever happens';
COMMENT ON COLUMN reminder.said_at IS 'when it went out, once the send that says so is forgotten';
COMMENT ON COLUMN reminder.until IS 'from then on it is of no use to anybody';
CREATE INDEX ix_reminder_due_at ON reminder (due_at) WHERE state = 'planned';
CREATE INDEX ix_reminder_workspace_id_due_at ON reminder (workspace_id, due_at) WHERE state = 'planned';

-- When a rule speaks of a booking. Whole days of its offset are days on the business's calendar, the rest is time that passes:
-- a day before ten o'clock is ten o'clock the day before, also over a change of clocks. In an hour that happens twice, the second;
-- but less than a day is reckoned from the moment itself, which is never in doubt.
CREATE FUNCTION reminder_due(event text, minutes integer, at timestamptz, zone text) RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN minutes < 1440 THEN at ELSE ((at AT TIME ZONE zone) + side * make_interval(days => minutes / 1440)) AT TIME ZONE zone END
        + side * make_interval(mins => minutes % 1440)
    FROM (SELECT CASE event WHEN 'booking_start' THEN -1 ELSE 1 END AS side) way
$$;

-- The state a booking must be in for a rule to speak of it.
CREATE FUNCTION spoken_of(event text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE event WHEN 'booking_completed' THEN 'completed' ELSE 'confirmed' END
$$;

-- What fills the gaps of words about a booking.
CREATE FUNCTION gaps_of(booked uuid) RETURNS jsonb LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT jsonb_build_object(
        'customer_name', a.name, 'first_name', coalesce(a.first_name, a.name), 'service', s.name, 'staff', coalesce(f.name, w.name), 'business', w.name,
        'date', to_char(b.starts_at AT TIME ZONE w.zone, 'FMDay FMDD FMMonth YYYY'), 'time', to_char(b.starts_at AT TIME ZONE w.zone, 'HH24:MI'))
    FROM public.booking b JOIN public.workspace w ON w.id = b.workspace_id
    JOIN public.account a ON a.id = b.account_id JOIN public.service s ON s.id = b.service_id LEFT JOIN public.staff f ON f.id = b.staff_id
    WHERE b.id = booked
$$;

-- Whether a value in a gap is no more than a name: no address of a page, no number to call, no word about money, nothing unseen, nothing long.
-- What looks alike is read alike: wide, ringed and accented letters are folded; digits of other scripts and two scripts in one name are for a person.
CREATE FUNCTION is_plain(given jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(bool_and(length(g.value) <= CASE WHEN g.key = 'service' THEN 60 ELSE 40 END
        AND cardinality(regexp_split_to_array(btrim(g.value), '\s+')) <= CASE WHEN g.key = 'service' THEN 8 ELSE 5 END
        AND g.value !~ '[\u0001-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202F\u205F-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFF]'
        AND g.value !~ '[\U00010000-\U0010FFFF]'
        AND g.folded !~ '[@$%+<>\\_=\u20A0-\u20CF\u00A2-\u00A5]'
        AND g.folded !~ '(://|www\.|[^\s.][.\u3002\u30FB\u00B7\u2022\u2027\u2E31\u06D4\u0589\u0701\u0702\u1362][^\s.]{2})'
        AND length(regexp_replace(g.folded, '[^0-9]', '', 'g')) <= 4
        AND g.folded !~ '[\u0660-\u0669\u06F0-\u06F9\u07C0-\u07C9\u0966-\u096F\u09E6-\u09EF\u0A66-\u0A6F\u0AE6-\u0AEF\u0B66-\u0B6F\u0BE6-\u0BEF\u0C66-\u0C6F\u0CE6-\u0CEF\u0D66-\u0D6F\u0DE6-\u0DEF\u0E50-\u0E59\u0ED0-\u0ED9\u0F20-\u0F29\u1040-\u1049\u1090-\u1099\u17E0-\u17E9\u1810-\u1819\u1946-\u194F\u19D0-\u19D9\u1A80-\u1A89\u1A90-\u1A99\u1B50-\u1B59\u1BB0-\u1BB9\u1C40-\u1C49\u1C50-\u1C59\uA620-\uA629\uA8D0-\uA8D9\uA900-\uA909\uA9D0-\uA9D9\uA9F0-\uA9F9\uAA50-\uAA59\uABF0-\uABF9]'
        AND NOT (g.folded ~ '[A-Za-z]' AND g.folded ~ '[\u0370-\u03FF\u0400-\u058F\u13A0-\u13FF]')
        AND g.folded !~* '\y(pay|pays|paid|payment|payments|cash|transfer|wire|bank|iban|paypal|venmo|zelle|revolut|crypto|bitcoin|owe|refund|password|passcode|click|link|reply)\y'), true)
    FROM (SELECT e.key, e.value, regexp_replace(normalize(e.value, NFKD), '[\u0300-\u036F]', '', 'g') AS folded FROM jsonb_each_text(given - 'date' - 'time') e) g
$$;

-- What a message says beside its text when it leaves as an approved template: which one, and what fills its numbers; nothing for plain words.
CREATE FUNCTION said_by(approved jsonb, given jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN approved IS NULL THEN '{}' ELSE approved - 'names' || jsonb_build_object('content_variables', coalesce((
        SELECT jsonb_object_agg(n.place::text, coalesce(given ->> n.name, ''))::text
        FROM jsonb_array_elements_text(approved -> 'names') WITH ORDINALITY n (name, place)), '{}')) END
$$;

-- What a planned reminder would say today, and to whom, a letter with the form of its HTML (`outbox/content.py`); no row once its rule or its booking no longer speaks.
CREATE FUNCTION reminder_words(asked uuid) RETURNS TABLE (channel text, recipient text, content jsonb, is_plain boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT t.channel, CASE t.channel WHEN 'email' THEN a.email ELSE a.phone END,
        jsonb_strip_nulls(jsonb_build_object('subject', public.filled(v.subject, g.given), 'body', public.filled(v.body, g.given)))
            || CASE t.channel WHEN 'email' THEN jsonb_build_object('form', 'plain-1') ELSE '{}' END || public.said_by(v.approved, g.given), public.is_plain(g.given)
    FROM public.reminder r JOIN public.reminder_rule u ON u.id = r.rule_id AND u.ended_at IS NULL
    JOIN public.template_version v ON v.id = u.version_id JOIN public.template t ON t.id = v.template_id
    JOIN public.booking b ON b.id = r.booking_id AND b.starts_at = r.about AND b.state = public.spoken_of(u.event)
    JOIN public.account a ON a.id = b.account_id
    CROSS JOIN LATERAL (SELECT public.gaps_of(b.id) AS given) g
    WHERE r.id = asked
$$;

-- Whether bytes are exactly what a rule says of the booking as it stands now, to the customer who booked, from the sender that was allowed.
CREATE FUNCTION rule_says(rule uuid, allowed jsonb, sent uuid) RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM public.reminder r CROSS JOIN LATERAL public.reminder_words(r.id) w
        JOIN public.content c ON c.intent_id = r.intent_id
        WHERE r.intent_id = sent AND r.rule_id = rule AND r.state = 'asked' AND w.is_plain AND lower(c.recipient) = lower(w.recipient)
          AND public.words_of(c.snapshot) = jsonb_build_object('sender', allowed -> 'sender', 'content', w.content));
END $$;

-- The business's clock was set: what is planned by it moves with it.
CREATE FUNCTION reminders_follow() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.reminder r SET due_at = public.reminder_due(u.event, u.offset_minutes, r.about, NEW.zone) FROM public.reminder_rule u
    WHERE u.id = r.rule_id AND u.event = 'booking_start' AND r.state = 'planned' AND r.workspace_id = NEW.id;
    RETURN NEW;
END $$;
CREATE TRIGGER reminders_follow AFTER UPDATE OF zone ON workspace FOR EACH ROW WHEN (OLD.zone <> NEW.zone) EXECUTE FUNCTION reminders_follow();
