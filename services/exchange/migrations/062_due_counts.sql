-- For editions of analysts: what was due in each quarter and what became of it, as known now. Rounds after a correction are
-- left out, for they are no questions of their own. Counts only; the reader puts them under its disclosure rule.
CREATE VIEW exchange.due_counts WITH (security_invoker = true) AS
SELECT partner, debtor, date_trunc('quarter', cohort_day::timestamp)::date AS quarter,
    coalesce(sum(n) FILTER (WHERE NOT is_void), 0)::bigint AS due,
    coalesce(sum(n) FILTER (WHERE is_void), 0)::bigint AS voided,
    coalesce(sum(n) FILTER (WHERE NOT is_void AND is_answered), 0)::bigint AS answered,
    coalesce(sum(n) FILTER (WHERE NOT is_void AND is_answered AND on_time), 0)::bigint AS in_time,
    coalesce(sum(n) FILTER (WHERE NOT is_void AND is_answered AND standing = 'EFFECTIVE'
        AND overturned_day = 'infinity'), 0)::bigint AS effective
FROM (
    SELECT t.*, voided_day < 'infinity' AND contested_day = 'infinity' AS is_void,
        answered_day < 'infinity' AND contested_day = 'infinity' AS is_answered
    FROM exchange.tally t WHERE kind IN ('FEEDBACK', 'VERIFICATION', 'UPDATE_FEEDBACK', 'END_FEEDBACK')
) AS known GROUP BY 1, 2, 3;
COMMENT ON VIEW exchange.due_counts IS 'Answers due between two regions, by quarter and debtor, as known now.';
GRANT USAGE ON SCHEMA exchange TO {reading_role};
GRANT SELECT ON exchange.tally, exchange.due_counts TO {reading_role};
