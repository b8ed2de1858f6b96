-- What stands (links, confirmations that are overdue) is a series: one more on a day, one less on another. So a day's
-- figure is a sum over days, however long a link lives.
ALTER TABLE exchange.tally DROP COLUMN ended_day;
TRUNCATE exchange.tally;
DELETE FROM exchange.assessment;
ALTER TABLE exchange.tally ADD UNIQUE (partner, cohort_day, kind, debtor, answered_day, days, outcome, standing, on_time,
    first_on_time, differs, voided_day, contested_day, overturned_day, reminded_day, escalated_day);
COMMENT ON TABLE exchange.tally IS
    'Rows of exchange.assessed, and letters, that are alike in all but their ids; n: how many, or how many more or less stand.';

-- Which fields differed is read without the rows.
DROP INDEX exchange.assessed_partner_cohort_day_idx;
CREATE INDEX ON exchange.assessed (partner, cohort_day) INCLUDE (debtor, answered_day, contested_day, different)
    WHERE differs;
