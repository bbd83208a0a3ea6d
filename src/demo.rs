//! A real site on loopback sockets with a known tipping point, in a process of its own.
