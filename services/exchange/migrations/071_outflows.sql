-- How many outflows were confirmed to a partner in the last day is asked with every batch.
CREATE INDEX ON exchange.message (partner, said_at) WHERE is_ours AND message_type = '203';
