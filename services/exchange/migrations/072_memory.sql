-- What counted long ago is forgotten; rows come in the order of time, so a summary of ranges of pages finds them.
CREATE INDEX ON exchange.applied USING brin (applied_at);
