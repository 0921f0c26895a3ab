-- Bookings: what is offered, by whom and when, and what is taken. That nobody is in two places at once is a constraint, not a habit.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE service (
    id uuid CONSTRAINT pk_service PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    name text NOT NULL,
    description text,
    duration_minutes integer NOT NULL CONSTRAINT ck_service_duration CHECK (duration_minutes BETWEEN 1 AND 1440),
    buffer_before_minutes integer NOT NULL CONSTRAINT ck_service_buffer_before CHECK (buffer_before_minutes BETWEEN 0 AND 1440),
    buffer_after_minutes integer NOT NULL CONSTRAINT ck_service_buffer_after CHECK (buffer_after_minutes BETWEEN 0 AND 1440),
    step_minutes integer CONSTRAINT ck_service_step CHECK (step_minutes BETWEEN 5 AND 1440),
    capacity integer NOT NULL CONSTRAINT ck_service_capacity CHECK (capacity BETWEEN 1 AND 500),
    price_minor bigint NOT NULL CONSTRAINT ck_service_price CHECK (price_minor >= 0),
    currency text NOT NULL CONSTRAINT ck_service_currency CHECK (currency ~ '^[A-Z]{3}$'),
    notice_minutes integer NOT NULL CONSTRAINT ck_service_notice CHECK (notice_minutes BETWEEN 0 AND 525600),
    days_ahead integer NOT NULL CONSTRAINT ck_service_days_ahead CHECK (days_ahead BETWEEN 1 AND 730),
    cancel_hours integer NOT NULL CONSTRAINT ck_service_cancel_hours CHECK (cancel_hours BETWEEN 0 AND 8760),
    late_fee_percent integer NOT NULL CONSTRAINT ck_service_late_fee CHECK (late_fee_percent BETWEEN 0 AND 100),
    may_overlap boolean NOT NULL,
    is_offered boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, id)
);
COMMENT ON COLUMN service.step_minutes IS 'how far apart starts lie; null: the duration, at most half an hour';
COMMENT ON COLUMN service.may_overlap IS 'whether a customer may have it beside another booking';

CREATE TABLE staff (
    id uuid CONSTRAINT pk_staff PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    name text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    person_id uuid,
    UNIQUE (workspace_id, id),
    UNIQUE (workspace_id, person_id),
    FOREIGN KEY (workspace_id, person_id) REFERENCES person (workspace_id, id)
);
COMMENT ON COLUMN staff.person_id IS 'who of the team this is: a person of rank staff reads the bookings of this one alone';

CREATE TABLE staff_service (
    workspace_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    service_id uuid NOT NULL,
    CONSTRAINT pk_staff_service PRIMARY KEY (staff_id, service_id),
    FOREIGN KEY (workspace_id, staff_id) REFERENCES staff (workspace_id, id),
    FOREIGN KEY (workspace_id, service_id) REFERENCES service (workspace_id, id)
);
COMMENT ON TABLE staff_service IS 'what somebody does; who has no row here does everything';

CREATE TABLE resource (
    id uuid CONSTRAINT pk_resource PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    name text NOT NULL,
    UNIQUE (workspace_id, name),
    UNIQUE (workspace_id, id)
);

CREATE TABLE service_resource (
    workspace_id uuid NOT NULL,
    service_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    CONSTRAINT pk_service_resource PRIMARY KEY (service_id, resource_id),
    FOREIGN KEY (workspace_id, service_id) REFERENCES service (workspace_id, id),
    FOREIGN KEY (workspace_id, resource_id) REFERENCES resource (workspace_id, id)
);

CREATE TABLE schedule (
    id uuid CONSTRAINT pk_schedule PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    staff_id uuid,
    hours jsonb,
    days_off jsonb NOT NULL DEFAULT '[]',
    UNIQUE NULLS NOT DISTINCT (workspace_id, staff_id),
    FOREIGN KEY (workspace_id, staff_id) REFERENCES staff (workspace_id, id)
);
COMMENT ON TABLE schedule IS 'of one person, or with no staff_id of the whole business';
COMMENT ON COLUMN schedule.hours IS 'wall-clock minutes of the day by weekday; null: the hours of the business, which are 9 to 18 until they are set';

CREATE TABLE booking (
    id uuid CONSTRAINT pk_booking PRIMARY KEY,
    workspace_id uuid NOT NULL REFERENCES workspace,
    service_id uuid NOT NULL,
    account_id uuid NOT NULL,
    staff_id uuid,
    state text NOT NULL CONSTRAINT ck_booking_state CHECK (state IN ('pending', 'confirmed', 'completed', 'cancelled', 'no_show')),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    seat integer NOT NULL,
    capacity integer NOT NULL,
    price_minor bigint NOT NULL CONSTRAINT ck_booking_price CHECK (price_minor >= 0),
    currency text NOT NULL CONSTRAINT ck_booking_currency CHECK (currency ~ '^[A-Z]{3}$'),
    cancel_by timestamptz NOT NULL,
    late_fee_minor bigint NOT NULL CONSTRAINT ck_booking_late_fee CHECK (late_fee_minor BETWEEN 0 AND price_minor),
    cancelled_late boolean,
    cancel_reason text,
    notes text,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, service_id) REFERENCES service (workspace_id, id),
    FOREIGN KEY (workspace_id, account_id) REFERENCES account (workspace_id, id),
    FOREIGN KEY (workspace_id, staff_id) REFERENCES staff (workspace_id, id),
    CONSTRAINT ck_booking_span CHECK (starts_at < ends_at),
    CONSTRAINT ck_booking_seat CHECK (seat BETWEEN 1 AND capacity),
    CONSTRAINT ck_booking_cancelled_late CHECK ((cancelled_late IS NOT NULL) = (state = 'cancelled'))
);
COMMENT ON COLUMN booking.capacity IS 'of the service when this seat was taken';
COMMENT ON COLUMN booking.cancel_by IS 'until then cancelling is free; afterwards it costs late_fee_minor';
CREATE INDEX ix_booking_starts_at ON booking (workspace_id, starts_at, id);
CREATE INDEX ix_booking_account_id ON booking (workspace_id, account_id, starts_at);

-- What a booking keeps busy: whoever serves (or the service itself while there is no staff), the resources, and the customer.
-- Bookings of one sitting, which is a class at one time, share its holders; each has a seat of its own.
CREATE TABLE occupancy (
    workspace_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    holder_id uuid NOT NULL,
    holder text NOT NULL CONSTRAINT ck_occupancy_holder CHECK (holder IN ('server', 'resource', 'customer')),
    sitting_id uuid NOT NULL,
    seat integer NOT NULL,
    during tstzrange NOT NULL CONSTRAINT ck_occupancy_during CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
    CONSTRAINT pk_occupancy PRIMARY KEY (booking_id, holder_id),
    FOREIGN KEY (workspace_id, booking_id) REFERENCES booking (workspace_id, id),
    CONSTRAINT no_double_booking EXCLUDE USING gist (workspace_id WITH =, holder_id WITH =, during WITH &&, sitting_id WITH <>) WHERE (holder <> 'customer'),
    CONSTRAINT no_customer_twice EXCLUDE USING gist (workspace_id WITH =, holder_id WITH =, during WITH &&, sitting_id WITH <>) WHERE (holder = 'customer')
);
CREATE UNIQUE INDEX uq_occupancy_seat ON occupancy (sitting_id, seat) WHERE holder = 'server';

CREATE TABLE booking_send (
    workspace_id uuid NOT NULL,
    booking_id uuid NOT NULL,
    intent_id uuid NOT NULL,
    CONSTRAINT pk_booking_send PRIMARY KEY (booking_id, intent_id),
    FOREIGN KEY (workspace_id, booking_id) REFERENCES booking (workspace_id, id),
    FOREIGN KEY (workspace_id, intent_id) REFERENCES intent (workspace_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE booking_send IS 'what was asked to be told about a booking; forgotten with the send';
CREATE INDEX ix_booking_send_intent_id ON booking_send (intent_id);
