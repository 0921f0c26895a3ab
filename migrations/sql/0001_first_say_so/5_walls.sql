-- The walls: what each role may touch, and row-level security for the web role. Neither role owns anything.

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :web, :worker;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO :web;
REVOKE SELECT ON audit_unsealed, inbox, registration FROM :web;
GRANT INSERT ON account, approval, approval_item, attempt, audit, content, delivery, event, grants, idempotency, inbox, intent, link,
    login_link, manifest, postbox, reach, policy_setting, portal_session, quiet, standing, stop, suppression, terminal_login, vote TO :web;
REVOKE ALL ON FUNCTION begin_registration(uuid, text, text, text, text, text, bytea, uuid), found_registered(uuid, bytea[], uuid, uuid, jsonb, text),
    invited(), ask_invite_code(bytea, uuid), accept_invite(bytea[], uuid, text), lets_in(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begin_registration(uuid, text, text, text, text, text, bytea, uuid), found_registered(uuid, bytea[], uuid, uuid, jsonb, text),
    invited(), ask_invite_code(bytea, uuid), accept_invite(bytea[], uuid, text), lets_in(uuid, uuid) TO :web;
GRANT INSERT (id, workspace_id, address, name, role, hours, asked_by_name), UPDATE (token_hash, letter_id, ended_at, ended_as) ON invite TO :web;
GRANT INSERT (id) ON lane TO :web, :worker;
GRANT UPDATE ON account, idempotency TO :web;
GRANT UPDATE (reason, source, at), DELETE ON suppression TO :web;
GRANT INSERT (id, workspace_id, name, key_hash, last_four, scopes, created_by), UPDATE (revoked_at, key_hash, last_four, old_hash, old_until) ON api_key TO :web;
GRANT INSERT (id, workspace_id, email, name, role), UPDATE (ended_at) ON person TO :web;
GRANT INSERT, UPDATE (used) ON budget TO :web;
GRANT INSERT ON reserved TO :web;
GRANT UPDATE (revoked_at, revoked_by_name) ON standing TO :web;
REVOKE ALL ON FUNCTION standing_for(text, text, text, bytea, text, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION standing_for(text, text, text, bytea, text, uuid) TO :web;
GRANT UPDATE (used_at) ON login_link TO :web;
GRANT UPDATE (ended_at) ON portal_session TO :web;
GRANT UPDATE (tries, finished_at) ON terminal_login TO :web;
GRANT INSERT, UPDATE (browser_hash, code_hash, tries, expires_at, proved_at, ended_at) ON sign_in_code TO :web;
GRANT INSERT (key), UPDATE (used, since), DELETE ON throttle TO :web;
REVOKE ALL ON FUNCTION somebody_at(text), proved_places(), signed_in() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION somebody_at(text), proved_places(), signed_in() TO :web;
REVOKE SELECT ON channel_account FROM :web;
GRANT SELECT (id, workspace_id, channel, provider, sender, name, lane, created_by, connected_at, changed_at, test_due, tested_at, proved_at, fault, ended_at)
    ON channel_account TO :web;
GRANT INSERT (id, workspace_id, channel, provider, sender, name, lane, credentials, created_by),
    UPDATE (credentials, connected_at, changed_at, test_due, fault, ended_at) ON channel_account TO :web;
REVOKE ALL ON FUNCTION may_have_signed(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION may_have_signed(text, text) TO :web;
REVOKE ALL ON FUNCTION events_shown(uuid, timestamptz, timestamptz, text, text, text, integer), events_replayed(uuid, uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION events_shown(uuid, timestamptz, timestamptz, text, text, text, integer), events_replayed(uuid, uuid[]) TO :web;
GRANT INSERT, UPDATE (secret, old_secret, old_until, ended_at, ended_because) ON hook TO :web;
GRANT INSERT, UPDATE (state, tries, due_at, fault, changed_at) ON hook_post TO :web;
GRANT INSERT, UPDATE (used) ON plan_use TO :web;
GRANT INSERT ON agent_issue TO :web;
GRANT INSERT ON booking, booking_send, occupancy, resource, schedule, service, service_resource, staff, staff_service TO :web;
GRANT INSERT ON checkout, invoice, invoice_number, invoice_send, payment, payment_link, plan_page, refund TO :web;
GRANT UPDATE (last) ON invoice_number TO :web;
GRANT UPDATE (closed_at) ON checkout TO :web;
GRANT UPDATE (voided_at, void_reason, chased) ON invoice TO :web;
GRANT INSERT ON campaign TO :web;
GRANT UPDATE (approval_id, asked_at) ON campaign TO :web;
GRANT INSERT ON reminder, reminder_rule, template, template_version TO :web;
GRANT UPDATE (ended_at) ON reminder_rule TO :web;
GRANT UPDATE (due_at, until, state, why, intent_id) ON reminder TO :web;
GRANT UPDATE (staff_id, state, starts_at, ends_at, seat, capacity, cancel_by, cancelled_late, cancel_reason) ON booking TO :web;
GRANT UPDATE (name, description, duration_minutes, buffer_before_minutes, buffer_after_minutes, step_minutes, capacity, price_minor, currency,
    notice_minutes, days_ahead, cancel_hours, late_fee_percent, may_overlap, is_offered, tier_id) ON service TO :web;
GRANT UPDATE (name, is_active, person_id) ON staff TO :web;
GRANT UPDATE (hours, days_off) ON schedule TO :web;
GRANT DELETE ON occupancy, service_resource, staff_service TO :web;
GRANT INSERT ON account_tag, consent, erasure, points_entry, segment, tier, visit TO :web;
GRANT DELETE ON account_tag, erasure TO :web;
REVOKE ALL ON FUNCTION erase_account(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_account(uuid) TO :web;
GRANT UPDATE (lifted_at) ON stop TO :web;
GRANT UPDATE (paused_at, pause_reason) ON lane TO :web;
REVOKE ALL ON FUNCTION lane_load() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lane_load() TO :web, :worker;
REVOKE ALL ON FUNCTION queue_depths(integer), approvals_waiting(integer), inbox_load(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION queue_depths(integer), approvals_waiting(integer), inbox_load(integer) TO :web, :worker;
GRANT INSERT, UPDATE (beat_at, ahead_seconds), DELETE ON heartbeat TO :web, :worker;
REVOKE ALL ON FUNCTION human(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION human(uuid) TO :web;
GRANT UPDATE (tries, ended_at) ON link TO :web;
GRANT UPDATE (tries) ON bundle TO :web;
GRANT INSERT (id, workspace_id, from_person, to_person, ends_at), UPDATE (revoked_at) ON delegation TO :web;
GRANT INSERT (id, workspace_id, person_id, field, new, code_hash, tries, keep_hash), UPDATE (tries, confirmed_at, keep_hash, ended_at, ended_as) ON address_change TO :web;
GRANT UPDATE (ended_at, ended_as) ON address_change TO :worker;
GRANT UPDATE (email, phone) ON person TO :worker;
GRANT UPDATE (last_at, hour_from, this_hour) ON postbox TO :web, :worker;
GRANT UPDATE (channel, quiet_from, quiet_to) ON reach TO :web;
GRANT UPDATE (state, decided_at, decided_by, decided_by_name, decided_via, decided_from, reason, ended_at, ended_by_name) ON approval TO :web;
GRANT INSERT ON batch TO :web;
GRANT INSERT (workspace_id, batch_id, intent_id), UPDATE (done_at, refusal) ON batch_item TO :web;
GRANT UPDATE (state, grant_id, due_at, wait_reason, parked, halted, tries, lease_until, owner, changed_at) ON delivery TO :web;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO :worker;
REVOKE SELECT ON registration FROM :worker;
GRANT EXECUTE ON FUNCTION lets_in(uuid, uuid) TO :worker;
GRANT INSERT, UPDATE ON delivery_done TO :worker;
GRANT UPDATE (used), DELETE ON budget TO :worker;
GRANT DELETE ON quiet, reserved TO :worker;
GRANT DELETE ON audit_unsealed, delivery TO :worker;
GRANT INSERT ON intent, content, grants, attempt, delivery, event, audit, audit_seal, suppression, payment, link, bundle, postbox TO :worker;
GRANT UPDATE ON delivery, lane, inbox, suppression TO :worker;
GRANT INSERT, UPDATE ON dispute, refund, subscription TO :worker;
GRANT UPDATE (plan) ON workspace TO :worker;
GRANT USAGE ON SEQUENCE inbox_asked TO :worker;
GRANT INSERT ON inbox, reconciliation TO :worker;
GRANT UPDATE (invoice_id, paid_at, told_refunded_minor) ON payment TO :worker;
GRANT DELETE ON suppression TO :worker;
GRANT INSERT ON consent, conversation, heard, reply_window TO :worker;
GRANT UPDATE (closes_at) ON reply_window TO :worker;
GRANT UPDATE (account_id, last_in_at) ON conversation TO :worker;
GRANT UPDATE (state, ended_at, ended_by_name) ON approval TO :worker;
GRANT UPDATE (ended_at) ON link TO :worker;
GRANT INSERT, UPDATE (state, tries, due_at, status, fault, changed_at) ON hook_post TO :worker;
GRANT UPDATE (ended_at, ended_because) ON hook TO :worker;
GRANT UPDATE (test_due, tested_at, proved_at, fault) ON channel_account TO :worker;
GRANT UPDATE (snapshot, wiped_at) ON content TO :worker;

DO $$
DECLARE walled record;
BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    FOR walled IN
        SELECT c.relname AS name FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id'
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', walled.name);
        EXECUTE format('CREATE POLICY own_workspace ON %I TO :web USING (workspace_id = nullif(current_setting(''sayso.workspace'', true), '''')::uuid)', walled.name);
        EXECUTE format('CREATE POLICY every_workspace ON %I TO :worker USING (true)', walled.name);
    END LOOP;
END $$;

-- What a provider did, the worker writes; the web role only adds what a person said.
CREATE POLICY a_persons_word ON attempt AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (source = 'person');

-- A vote is cast by the person whose link or session this transaction came with, and in nobody else's name.
CREATE POLICY own_voice ON vote AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (EXISTS (
    SELECT FROM human(approval_id) h WHERE h.person_id = vote.person_id AND h.via = vote.via AND h.credential_id = vote.credential_id
        AND h.for_person IS NOT DISTINCT FROM vote.for_person));

-- A key is made by an owner or a manager who is signed in to the portal, and in nobody else's name.
CREATE POLICY by_a_decider ON api_key AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (EXISTS (SELECT FROM signed_in() s
    WHERE s.person_id = created_by AND s.workspace_id = api_key.workspace_id AND s.role IN ('owner', 'manager')));

-- A deed over many sends is asked for by an owner or a manager who is signed in to the portal, and in nobody else's name.
CREATE POLICY by_a_decider ON batch AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (EXISTS (SELECT FROM signed_in() s
    WHERE s.person_id = batch.person_id AND s.workspace_id = batch.workspace_id AND s.role IN ('owner', 'manager')));
CREATE POLICY by_a_decider ON batch_item AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (EXISTS (SELECT FROM signed_in() s JOIN batch b ON b.id = batch_id
    WHERE s.person_id = b.person_id AND s.workspace_id = batch_item.workspace_id AND s.role IN ('owner', 'manager')));

-- A policy is set by an owner or a manager who is signed in to the portal, and in nobody else's name.
CREATE POLICY by_a_decider ON policy_setting AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (EXISTS (SELECT FROM signed_in() s
    WHERE s.person_id = set_by AND s.workspace_id = policy_setting.workspace_id AND s.role IN ('owner', 'manager')));

-- Where the business's events go is said, and changed, by an owner or a manager who is signed in to the portal.
CREATE POLICY by_a_decider ON hook AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (EXISTS (SELECT FROM signed_in() s
    WHERE s.person_id = created_by AND s.workspace_id = hook.workspace_id AND s.role IN ('owner', 'manager')));
CREATE POLICY changed_by_a_decider ON hook AS RESTRICTIVE FOR UPDATE TO :web USING (EXISTS (SELECT FROM signed_in() s
    WHERE s.workspace_id = hook.workspace_id AND s.role IN ('owner', 'manager')));

-- By whose account a workspace sends is said, and changed, by an owner or a manager who is signed in to the portal.
CREATE POLICY by_a_decider ON channel_account AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (EXISTS (SELECT FROM signed_in() s
    WHERE s.person_id = created_by AND s.workspace_id = channel_account.workspace_id AND s.role IN ('owner', 'manager')));
CREATE POLICY changed_by_a_decider ON channel_account AS RESTRICTIVE FOR UPDATE TO :web USING (EXISTS (SELECT FROM signed_in() s
    WHERE s.workspace_id = channel_account.workspace_id AND s.role IN ('owner', 'manager')));

-- An opt-out gets no weaker, and what is not an agent's own word is lifted by an owner or a manager who is signed in to the portal.
CREATE POLICY never_weaker ON suppression AS RESTRICTIVE FOR UPDATE TO :web WITH CHECK (source NOT IN ('agent', 'import'));
CREATE POLICY lifted_by_a_decider ON suppression AS RESTRICTIVE FOR DELETE TO :web USING (source IN ('agent', 'import') OR EXISTS (
    SELECT FROM signed_in() s WHERE s.workspace_id = suppression.workspace_id AND s.role IN ('owner', 'manager')));
-- That a customer agreed, nobody says in a person's name, or in the customer's.
CREATE POLICY in_ones_own_name ON consent AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (source IN ('agent', 'import')
    OR NOT is_given AND source <> 'person' OR source = 'person' AND EXISTS (SELECT FROM signed_in() s WHERE s.workspace_id = consent.workspace_id));

-- Where and when somebody is written to, everybody says of themselves alone.
CREATE POLICY own_reach ON reach AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (EXISTS (SELECT FROM signed_in() s WHERE s.person_id = reach.person_id));
CREATE POLICY changed_reach ON reach AS RESTRICTIVE FOR UPDATE TO :web USING (EXISTS (SELECT FROM signed_in() s WHERE s.person_id = reach.person_id));

-- A new address is asked for by its person, and settled by them or by whoever holds the secret that went to the old one.
CREATE POLICY own_address ON address_change AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (EXISTS (SELECT FROM signed_in() s
    WHERE s.person_id = address_change.person_id));
CREATE POLICY settled_address ON address_change AS RESTRICTIVE FOR UPDATE TO :web USING (
    EXISTS (SELECT FROM signed_in() s WHERE s.person_id = address_change.person_id) OR keep_hash = decode(current_setting('sayso.credential', true), 'hex'));

-- So is a standing approval, and it is revoked by one of them too.
CREATE POLICY by_a_decider ON standing AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (EXISTS (SELECT FROM signed_in() s
    WHERE s.person_id = made_by AND s.workspace_id = standing.workspace_id AND s.role IN ('owner', 'manager')));
CREATE POLICY revoked_by_a_decider ON standing AS RESTRICTIVE FOR UPDATE TO :web USING (EXISTS (SELECT FROM signed_in() s
    WHERE s.workspace_id = standing.workspace_id AND s.role IN ('owner', 'manager'))) WITH CHECK (true);

-- Who decides in somebody's place is said by that person, signed in to the portal, while they may decide themselves; an owner too ends it.
CREATE POLICY own_place ON delegation AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (EXISTS (SELECT FROM signed_in() s
    WHERE s.person_id = from_person AND s.role IN ('owner', 'manager')));
CREATE POLICY taken_back ON delegation AS RESTRICTIVE FOR UPDATE TO :web USING (revoked_at IS NULL AND EXISTS (SELECT FROM signed_in() s
    WHERE s.workspace_id = delegation.workspace_id AND (s.person_id = from_person OR s.role = 'owner'))) WITH CHECK (true);

-- Whom an agent asks to have in the team is confirmed, or declined, by an owner who is signed in to the portal.
CREATE POLICY settled_by_an_owner ON invite AS RESTRICTIVE FOR UPDATE TO :web USING (EXISTS (SELECT FROM signed_in() s
    WHERE s.workspace_id = invite.workspace_id AND s.role = 'owner')) WITH CHECK (true);

-- Who belongs is said by an owner who is signed in to the portal.
CREATE POLICY by_an_owner ON person AS RESTRICTIVE FOR INSERT TO :web WITH CHECK (EXISTS (SELECT FROM signed_in() s
    WHERE s.workspace_id = person.workspace_id AND s.role = 'owner'));
CREATE POLICY ended_by_an_owner ON person AS RESTRICTIVE FOR UPDATE TO :web USING (EXISTS (SELECT FROM signed_in() s
    WHERE s.workspace_id = person.workspace_id AND s.role = 'owner')) WITH CHECK (true);

ALTER TABLE workspace ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_workspace ON workspace TO :web USING (id = nullif(current_setting('sayso.workspace', true), '')::uuid);
CREATE POLICY every_workspace ON workspace TO :worker USING (true);

-- Before the workspace is known: whoever knows a secret sees the one row that the secret's hash names, and no other.
CREATE POLICY by_credential ON api_key FOR SELECT TO :web USING (decode(current_setting('sayso.credential', true), 'hex') IN (key_hash, old_hash));
CREATE POLICY by_credential ON login_link FOR SELECT TO :web USING (token_hash = decode(current_setting('sayso.credential', true), 'hex'));
CREATE POLICY by_credential ON portal_session FOR SELECT TO :web USING (token_hash = decode(current_setting('sayso.credential', true), 'hex'));
CREATE POLICY by_credential ON address_change FOR SELECT TO :web USING (keep_hash = decode(current_setting('sayso.credential', true), 'hex'));
CREATE POLICY by_credential ON bundle FOR SELECT TO :web USING (token_hash = decode(current_setting('sayso.credential', true), 'hex'));
CREATE POLICY by_credential ON payment_link FOR SELECT TO :web USING (token_hash = decode(current_setting('sayso.credential', true), 'hex'));
CREATE POLICY by_credential ON link FOR SELECT TO :web USING (token_hash = decode(current_setting('sayso.credential', true), 'hex'));
-- A terminal that waits to be let in names its login by a random id, and proves it by a secret that is compared afterwards.
CREATE POLICY by_credential ON terminal_login TO :web USING (encode(uuid_send(id), 'hex') = current_setting('sayso.credential', true));
-- A browser that asked for a code finds the code's row by its cookie, and proves the rest by what its person types.
CREATE POLICY by_credential ON sign_in_code FOR SELECT TO :web USING (browser_hash = decode(current_setting('sayso.credential', true), 'hex'));
CREATE POLICY proved_by_credential ON sign_in_code FOR UPDATE TO :web USING (browser_hash = decode(current_setting('sayso.credential', true), 'hex'));
