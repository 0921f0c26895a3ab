-- A person finds money by what the provider calls it, without saying which provider that was.
CREATE INDEX ix_payment_provider_ref ON payment (provider_ref);
CREATE INDEX ix_refund_provider_ref ON refund (provider_ref) WHERE provider_ref IS NOT NULL;
CREATE INDEX ix_dispute_provider_ref ON dispute (provider_ref);
