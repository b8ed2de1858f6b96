-- What came due between two regions and what became of it: made by the fold of the conversation's value and nothing else
-- (services/exchange/scorecards), so a rebuild makes the same. Days are of UTC; 'infinity': it has not happened.
CREATE TABLE exchange.assessed (
    conversation_id uuid NOT NULL,
    about text NOT NULL,
    kind text NOT NULL,
    partner text NOT NULL,
    debtor text NOT NULL,
    creditor text NOT NULL,
    opened_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    answered_at timestamptz,
    outcome text NOT NULL,
    standing text NOT NULL,
    on_time boolean NOT NULL,
    first_on_time boolean NOT NULL,
    differs boolean NOT NULL,
    different text[] NOT NULL,
    days integer NOT NULL,
    cohort_day date NOT NULL,
    answered_day date NOT NULL,
    voided_day date NOT NULL,
    contested_day date NOT NULL,
    overturned_day date NOT NULL,
    reminded_day date NOT NULL,
    escalated_day date NOT NULL,
    ended_day date NOT NULL,
    PRIMARY KEY (conversation_id, about)
);
COMMENT ON TABLE exchange.assessed IS 'A row for everything that scorecards count. No particulars.';
COMMENT ON COLUMN exchange.assessed.about IS 'The obligation''s id, or what stands for a pairing, a settlement, a link.';
COMMENT ON COLUMN exchange.assessed.due_at IS 'When it came to belong to its cohort: due, delivered, settled, opened.';
COMMENT ON COLUMN exchange.assessed.answered_at IS 'Since when who waited had the final answer.';
COMMENT ON COLUMN exchange.assessed.voided_day IS 'Voided before it was due.';
COMMENT ON COLUMN exchange.assessed.contested_day IS 'Who waits said that the voiding answer does not hold.';
COMMENT ON COLUMN exchange.assessed.overturned_day IS 'The same region said the opposite to the same question, within 90 days.';
CREATE INDEX ON exchange.assessed (partner, cohort_day, conversation_id, about);
CREATE INDEX ON exchange.assessed (partner, cohort_day) WHERE differs;

-- How many of them are alike: what a scorecard adds up. Kept by the statement that writes the rows.
CREATE TABLE exchange.tally (
    partner text NOT NULL,
    cohort_day date NOT NULL,
    kind text NOT NULL,
    debtor text NOT NULL,
    outcome text NOT NULL,
    standing text NOT NULL,
    on_time boolean NOT NULL,
    first_on_time boolean NOT NULL,
    differs boolean NOT NULL,
    days integer NOT NULL,
    answered_day date NOT NULL,
    voided_day date NOT NULL,
    contested_day date NOT NULL,
    overturned_day date NOT NULL,
    reminded_day date NOT NULL,
    escalated_day date NOT NULL,
    ended_day date NOT NULL,
    n bigint NOT NULL,
    UNIQUE (partner, cohort_day, kind, debtor, answered_day, days, outcome, standing, on_time, first_on_time, differs,
        voided_day, contested_day, overturned_day, reminded_day, escalated_day, ended_day)
);
COMMENT ON TABLE exchange.tally IS 'Rows of exchange.assessed, and letters, that are alike in all but their ids; n: how many.';

CREATE TABLE exchange.assessment (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    edition integer NOT NULL
);
COMMENT ON TABLE exchange.assessment IS 'By which edition of the rules both tables were made; another one makes them again.';

ALTER TABLE exchange.conversation ADD COLUMN person_since timestamptz;
COMMENT ON COLUMN exchange.conversation.person_since IS 'Since when it is known who the conversation is about.';

GRANT SELECT, INSERT, UPDATE, DELETE ON exchange.assessed, exchange.tally, exchange.assessment TO {service_role};
