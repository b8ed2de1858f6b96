-- Answers that somebody here asked for, while it may still be asked what they mean.
CREATE INDEX ON exchange.conversation (since) WHERE talk = 'VERIFY' AND role = 'ASKER' AND state = 'ANSWERED';
