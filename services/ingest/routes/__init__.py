"""HTTP: bytes in, bytes out. What is decided lies elsewhere; here it is only read, called and answered."""
