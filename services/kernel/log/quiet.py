"""Where librdkafka's own lines go: nowhere. What it has to say about brokers that are away is told by our errors."""

import logging

QUIET = logging.getLogger("services.kernel.log.librdkafka")
QUIET.addHandler(logging.NullHandler())
QUIET.propagate = False
