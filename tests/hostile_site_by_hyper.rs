//! Hyper meets the same hostile sites as our own HTTP/1.1, and says the same of each.

#[path = "hostile_site.rs"]
mod hostile_site;
