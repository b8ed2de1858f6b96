"""A life course as a pure function of the events of a person. No I/O, no clock, no order of arrival."""
