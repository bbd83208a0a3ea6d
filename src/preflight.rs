//! DNS, TCP, TLS and HTTP looked at by hand, before any load.
