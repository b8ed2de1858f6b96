-- See 004_plans_kept.sql of privacy.
ALTER FUNCTION ingest.take(integer, bytea, bytea, bytea) SET plan_cache_mode = force_generic_plan;
