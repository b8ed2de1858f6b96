-- Two roots of one number are two pasts.
ALTER TABLE exchange.peer_root ADD COLUMN root_no bigint NOT NULL DEFAULT 0;
CREATE INDEX ON exchange.peer_root (partner, root_no);
CREATE INDEX ON exchange.peer_root (partner, came_at);
