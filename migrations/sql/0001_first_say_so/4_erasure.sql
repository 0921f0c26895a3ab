-- Erasing a customer: asked for by whoever may, done by an owner or a manager who is signed in to the portal, and by this function alone.

CREATE TABLE erasure (
    account_id uuid CONSTRAINT pk_erasure PRIMARY KEY,
    workspace_id uuid NOT NULL,
    reason text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (workspace_id, account_id) REFERENCES account (workspace_id, id)
);
COMMENT ON TABLE erasure IS 'that somebody wants a customer erased; gone once it is done, or a person says no';

-- What the business knows from its sends alone is written down before they are deleted: a bill that went out, or that is void because a letter
-- said so, and a reminder that went out.
CREATE FUNCTION keep_what_became_of(old uuid[]) RETURNS void LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE public.invoice v SET voided_at = g.created_at, void_reason = 'told the customer'
        FROM public.invoice_send t JOIN public.grants g ON g.intent_id = t.intent_id
        WHERE t.intent_id = ANY (old) AND t.says = 'void' AND v.id = t.invoice_id AND v.voided_at IS NULL;
    UPDATE public.invoice v SET billed_at = least(v.billed_at, d.changed_at)
        FROM public.invoice_send t JOIN public.every_delivery d ON d.intent_id = t.intent_id AND d.state IN ('sent', 'delivered')
        WHERE t.intent_id = ANY (old) AND t.says = 'bill' AND v.id = t.invoice_id;
    UPDATE public.reminder r SET said_at = d.changed_at
        FROM public.every_delivery d WHERE d.intent_id = r.intent_id AND r.intent_id = ANY (old) AND d.state IN ('sent', 'delivered');
$$;

-- What has not left is cancelled before; what is being handed over, or in doubt, must be settled first. The audit and its chain are
-- left as they are: they hold digests, ids and names of deeds. So is the suppression, so that nobody writes to them again.
CREATE FUNCTION erase_account(wanted uuid) RETURNS TABLE (account uuid, messages integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    place uuid := nullif(current_setting('sayso.workspace', true), '')::uuid;
    addresses text[];
    old uuid[];
    asked uuid[];
    bundles uuid[];
BEGIN
    IF NOT EXISTS (SELECT FROM public.signed_in() s WHERE s.workspace_id = place AND s.role IN ('owner', 'manager')) THEN
        RAISE EXCEPTION 'only a signed-in decider erases' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT array_remove(ARRAY[lower(a.email), a.phone], NULL) INTO addresses FROM public.account a
        WHERE a.id = wanted AND a.workspace_id = place AND a.erased_at IS NULL FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT coalesce(array_agg(c.intent_id), '{}') INTO old FROM public.content c
        WHERE c.workspace_id = place AND NOT c.sealed AND lower(c.recipient) = ANY (addresses);
    PERFORM FROM public.delivery d WHERE d.intent_id = ANY (old) ORDER BY d.intent_id FOR UPDATE;
    IF EXISTS (SELECT FROM public.delivery d WHERE d.intent_id = ANY (old) AND d.state IN ('held', 'ready', 'blocked', 'calling', 'in_doubt')) THEN
        RAISE EXCEPTION 'a message to them is not settled' USING ERRCODE = 'check_violation', CONSTRAINT = 'erasure_waits';
    END IF;
    SELECT coalesce(array_agg(DISTINCT i.approval_id), '{}') INTO asked FROM public.approval_item i WHERE i.intent_id = ANY (old);
    PERFORM public.keep_what_became_of(old);
    UPDATE public.installation SET forgotten = greatest(forgotten, (SELECT max(id) FROM public.attempt));
    DELETE FROM public.delivery WHERE intent_id = ANY (old);
    DELETE FROM public.delivery_done WHERE intent_id = ANY (old);
    DELETE FROM public.attempt WHERE intent_id = ANY (old);
    DELETE FROM public.grants WHERE intent_id = ANY (old);
    DELETE FROM public.approval_item WHERE intent_id = ANY (old);
    DELETE FROM public.reserved WHERE intent_id = ANY (old);
    DELETE FROM public.quiet WHERE intent_id = ANY (old);
    DELETE FROM public.content WHERE intent_id = ANY (old);
    DELETE FROM public.intent WHERE id = ANY (old);
    -- A request goes with its last message.
    SELECT coalesce(array_agg(a.id), '{}') INTO asked FROM unnest(asked) a (id)
        WHERE NOT EXISTS (SELECT FROM public.approval_item i WHERE i.approval_id = a.id);
    SELECT coalesce(array_agg(DISTINCT l.bundle_id), '{}') INTO bundles FROM public.link l WHERE l.approval_id = ANY (asked);
    DELETE FROM public.link WHERE approval_id = ANY (asked);
    DELETE FROM public.bundle b WHERE b.id = ANY (bundles) AND b.expires_at < now() - interval '1 day'
        AND NOT EXISTS (SELECT FROM public.link l WHERE l.bundle_id = b.id);
    DELETE FROM public.vote WHERE approval_id = ANY (asked);
    DELETE FROM public.manifest WHERE approval_id = ANY (asked);
    DELETE FROM public.approval WHERE id = ANY (asked);
    UPDATE public.standing SET recipient = 'erased', words = '{"sender": "", "content": {"body": "erased"}}', revoked_at = coalesce(revoked_at, now()), revoked_by_name = coalesce(revoked_by_name, 'erasure')
        WHERE workspace_id = place AND lower(recipient) = ANY (addresses);
    DELETE FROM public.heard h USING public.conversation c
        WHERE c.id = h.conversation_id AND c.workspace_id = place AND (c.account_id = wanted OR lower(c.address) = ANY (addresses));
    DELETE FROM public.conversation WHERE workspace_id = place AND (account_id = wanted OR lower(address) = ANY (addresses));
    DELETE FROM public.reply_window WHERE workspace_id = place AND recipient = ANY (addresses);
    -- The key stays, so that the same event is not taken for a new one.
    UPDATE public.inbox SET body = '{}' WHERE form = 'message' AND state <> 'new' AND body ->> 'sender' = ANY (addresses);
    -- A repeated call is refused from now on instead of being told what was erased.
    UPDATE public.idempotency SET answer = NULL WHERE workspace_id = place AND (position('acc_' || replace(wanted::text, '-', '') IN answer::text) > 0
        OR EXISTS (SELECT FROM unnest(addresses) a (one) WHERE position(a.one IN lower(answer::text)) > 0));
    DELETE FROM public.account_tag WHERE account_id = wanted;
    DELETE FROM public.consent WHERE account_id = wanted;
    DELETE FROM public.erasure WHERE account_id = wanted;
    UPDATE public.points_entry SET reason = 'erased' WHERE account_id = wanted AND booking_id IS NULL;
    UPDATE public.booking SET notes = NULL, cancel_reason = NULL WHERE account_id = wanted;
    UPDATE public.account SET name = 'Erased customer', first_name = NULL, last_name = NULL, email = NULL, phone = NULL, notes = NULL,
        tier_id = NULL, tier_since = NULL, tier_until = NULL, erased_at = now() WHERE id = wanted;
    RETURN QUERY SELECT wanted, coalesce(cardinality(old), 0);
END $$;
