-- A plan made for the very burst looks cheaper than one for any burst, because it knows how many rows come; so every call
-- planned anew, which cost more than the work of a small burst.
ALTER FUNCTION privacy.welcome(bytea, bytea) SET plan_cache_mode = force_generic_plan;
-- The plan is made while the tables may be small, and kept when they are not.
ALTER FUNCTION privacy.welcome(bytea, bytea) SET enable_seqscan = off;
